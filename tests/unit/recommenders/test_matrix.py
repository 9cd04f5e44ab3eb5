"""An empty history gets the prior."""

import numpy as np

from coadapt.data.batches import Histories
from coadapt.recommenders._matrix import fill_empty


def test_only_empty_histories_get_the_prior():
    past = Histories.from_rows([np.array([1]), np.array([-1])]).matrix(2)
    filled = fill_empty(np.zeros((2, 2), np.float32), past, np.array([3, 4], np.float32))
    assert filled.tolist() == [[0, 0], [3, 4]]
