"""RFM gives people what their segment spent before."""

import numpy as np
import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.domain.resources import Resources
from coadapt.testing.tiny import FIRST_DAY_MS, N_SHOPPERS, SHOPPING_DAYS, shoppers
from coadapt.value.rfm import RFM, RFMConfig

NOW = FIRST_DAY_MS + SHOPPING_DAYS * DAY_MS
EVERYBODY = np.arange(N_SHOPPERS)


def forecast(**settings):
    model = RFM(RFMConfig(**settings))
    model.fit(shoppers(), Resources(), NOW)
    model.update(shoppers())
    return model.value(EVERYBODY, NOW)


def test_big_spenders_are_expected_to_spend_more():
    expected = forecast(n_groups=3, min_examples=20).expected_spend
    assert expected[:30].mean() > 3 * expected[30:].mean()


def test_a_segment_that_is_too_small_forecasts_with_a_wider_one():
    everybody = forecast(min_examples=100_000).expected_spend
    assert everybody == pytest.approx(everybody[0])


def test_one_group_is_the_average_of_all_past_cutoffs():
    found = forecast(n_groups=1, max_cutoffs=1)
    last = shoppers().take(shoppers().times >= NOW - 30 * DAY_MS)
    total = last.values[last.types == 1].sum() - last.values[last.types == 2].sum()
    assert found.expected_spend[0] == pytest.approx(total / N_SHOPPERS)
