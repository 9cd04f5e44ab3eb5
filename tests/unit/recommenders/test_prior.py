"""An empty history falls back on popularity."""

import numpy as np
import pytest

from coadapt.data.batches import Histories
from coadapt.recommenders._prior import fill_empty, log_popularity


def test_popularity_is_logarithmic_and_zero_for_the_unseen():
    assert log_popularity(np.array([0, 1, 99])) == pytest.approx(np.log([1, 2, 100]))


def test_only_empty_histories_get_the_prior():
    past = Histories.from_rows([np.array([1]), np.array([-1])]).matrix(2)
    filled = fill_empty(np.zeros((2, 2), np.float32), past, np.array([3, 4], np.float32))
    assert filled.tolist() == [[0, 0], [3, 4]]
