"""Build and invert a regularised Gram matrix in the memory of one matrix."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.linalg import blas, lapack

from coadapt.domain.errors import ConfigError

BLOCK_ROWS: Final = 512

MAX_FLOAT32_CONDITION: Final = 2e4
"""Up to this bound on the condition number, single precision costs under 1 % of a weight."""

_PREFIXES: Final = {"float32": "s", "float64": "d"}
"""How BLAS and LAPACK name their routines for each precision."""

Matrix = npt.NDArray[np.floating[Any]]


def inverse_gram(matrix: sparse.csr_matrix, regularization: float) -> Matrix:
    """Return (XᵀX + regularization·I)⁻¹ for a binary X, in single precision where that is safe.

    Raises ConfigError where the sum is singular in double precision.
    """
    # The largest row sum bounds the largest eigenvalue (Gershgorin).
    largest = float((matrix.T @ (matrix @ np.ones(matrix.shape[1]))).max(initial=0))
    dtype = np.float32 if largest <= MAX_FLOAT32_CONDITION * regularization else np.float64
    gram = lower_gram(matrix, dtype)
    gram[np.diag_indices_from(gram)] += regularization
    gram = _call_lapack("potri", _call_lapack("potrf", gram))
    _mirror(gram)
    return gram


def lower_gram(matrix: sparse.csr_matrix, dtype: npt.DTypeLike) -> Matrix:
    """Return the lower triangle of XᵀX in column-major order; the rest is zero."""
    n_items = matrix.shape[1]
    gram = np.zeros((n_items, n_items), dtype, order="F")
    syrk = getattr(blas, f"{_PREFIXES[gram.dtype.name]}syrk")
    for start in range(0, matrix.shape[0], BLOCK_ROWS):
        block = matrix[start : start + BLOCK_ROWS].toarray().astype(dtype, copy=False)
        gram = syrk(1.0, block.T, beta=1.0, c=gram, lower=1, overwrite_c=1)
    return gram


def inverse_cholesky(gram: Matrix) -> Matrix:
    """Return L⁻¹ where L·Lᵀ is the symmetric matrix; overwrites it. Raises ConfigError."""
    return np.tril(_call_lapack("trtri", _call_lapack("potrf", gram)))


def _call_lapack(name: str, matrix: Matrix) -> Matrix:
    """Run a LAPACK routine on the lower triangle in place."""
    routine = getattr(lapack, f"{_PREFIXES[matrix.dtype.name]}{name}")
    overwrite = "overwrite_a" if name == "potrf" else "overwrite_c"
    result, info = routine(matrix, lower=1, **{overwrite: 1})
    if info != 0:
        raise ConfigError("the Gram matrix is singular: raise `regularization`")
    done: Matrix = result
    return done


def _mirror(lower: Matrix) -> None:
    """Copy the lower triangle to the upper one, in place."""
    for start in range(0, len(lower), BLOCK_ROWS):
        stop = min(start + BLOCK_ROWS, len(lower))
        square = lower[start:stop, start:stop]
        square[:] = np.tril(square) + np.tril(square, -1).T
        lower[start:stop, stop:] = lower[stop:, start:stop].T
