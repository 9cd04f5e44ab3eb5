"""A sparse matrix goes into plain arrays and back."""

import numpy as np
from scipy import sparse

from coadapt.recommenders._sparse_arrays import sparse_from_arrays, sparse_to_arrays


def test_a_matrix_with_empty_rows_and_columns_comes_back_whole():
    dense = np.array([[0, 2, 0], [0, 0, 0]], np.float32)
    arrays = sparse_to_arrays("near", sparse.csr_matrix(dense))
    assert sorted(arrays) == ["near.data", "near.indices", "near.indptr", "near.shape"]
    np.testing.assert_array_equal(sparse_from_arrays("near", arrays).toarray(), dense)
