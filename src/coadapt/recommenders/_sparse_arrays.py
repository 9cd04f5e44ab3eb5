"""Name the arrays of a sparse matrix, so that it can be stored among a model's weights."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from coadapt.recommenders.base import Weights


def sparse_to_arrays(name: str, matrix: sparse.csr_matrix) -> Weights:
    """Return the four arrays of a CSR matrix as `name.data`, `.indices`, `.indptr`, `.shape`."""
    return {
        f"{name}.data": matrix.data,
        f"{name}.indices": matrix.indices,
        f"{name}.indptr": matrix.indptr,
        f"{name}.shape": np.array(matrix.shape, np.int64),
    }


def sparse_from_arrays(name: str, weights: Weights) -> sparse.csr_matrix:
    """Return the CSR matrix that `sparse_to_arrays` took apart."""
    data = np.asarray(weights[f"{name}.data"], np.float32)
    indices = np.asarray(weights[f"{name}.indices"], np.int32)
    indptr = np.asarray(weights[f"{name}.indptr"], np.int32)
    n_rows, n_columns = weights[f"{name}.shape"].tolist()
    return sparse.csr_matrix((data, indices, indptr), shape=(n_rows, n_columns))
