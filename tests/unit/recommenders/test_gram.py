"""A Gram matrix is built and inverted in place, in the precision it needs."""

import numpy as np
import pytest
from scipy import sparse

from coadapt.domain.errors import ConfigError
from coadapt.recommenders import _gram
from coadapt.recommenders._gram import inverse_cholesky, inverse_gram

X = sparse.random_array((300, 40), density=0.2, rng=np.random.default_rng(0)).astype(bool)
BINARY = sparse.csr_matrix(X, dtype=np.float32)


@pytest.mark.parametrize("block_rows", [7, 512])
def test_the_inverse_is_whole_and_right(monkeypatch, block_rows):
    monkeypatch.setattr(_gram, "BLOCK_ROWS", block_rows)
    dense = BINARY.toarray().astype(np.float64)
    expected = np.linalg.inv(dense.T @ dense + 3 * np.eye(40))
    np.testing.assert_allclose(inverse_gram(BINARY, 3.0), expected, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(("regularization", "dtype"), [(10.0, np.float32), (1e-4, np.float64)])
def test_precision_follows_from_the_condition(regularization, dtype):
    assert inverse_gram(BINARY, regularization).dtype == dtype


def test_half_an_inverse_makes_the_whole():
    matrix = np.array([[4.0, 1.0], [1.0, 3.0]], order="F")
    half = inverse_cholesky(matrix.copy(order="F"))
    np.testing.assert_allclose(half.T @ half, np.linalg.inv(matrix))


def test_a_singular_matrix_names_the_way_out():
    with pytest.raises(ConfigError, match="raise `regularization`"):
        inverse_cholesky(np.zeros((2, 2), order="F"))
