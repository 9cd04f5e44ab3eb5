"""Cut-offs lie far enough back that what followed is known."""

import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import EmptyDataError
from coadapt.testing.tiny import FIRST_DAY_MS, SHOPPING_DAYS
from coadapt.value._cutoffs import CutoffConfig, past_cutoffs

CONFIG = CutoffConfig(horizon_days=20, max_cutoffs=3)
NOW = FIRST_DAY_MS + SHOPPING_DAYS * DAY_MS


def test_cutoffs_are_half_a_horizon_apart_and_end_a_horizon_ago():
    cutoffs = past_cutoffs(FIRST_DAY_MS, NOW, CONFIG)
    assert ((NOW - cutoffs) / DAY_MS).tolist() == [40, 30, 20]


def test_no_cutoff_lies_before_the_first_event():
    assert len(past_cutoffs(NOW - 35 * DAY_MS, NOW, CONFIG)) == 2


def test_a_log_shorter_than_the_horizon_teaches_nothing():
    with pytest.raises(EmptyDataError, match="shorter horizon"):
        past_cutoffs(NOW - 20 * DAY_MS, NOW, CONFIG)
