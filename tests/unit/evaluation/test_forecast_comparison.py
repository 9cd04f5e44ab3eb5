"""Two models' forecasts are compared user by user."""

from dataclasses import replace

import numpy as np
import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.domain.resources import Resources
from coadapt.evaluation.forecast_comparison import Duel, crps_difference, gini_difference
from coadapt.evaluation.forecasting import evaluate_at
from coadapt.testing.tiny import FIRST_DAY_MS, SHOPPING_DAYS, shoppers
from coadapt.value.rfm import RFM, RFMConfig


@pytest.fixture(scope="module")
def results():
    models = {
        "segments": RFM(RFMConfig(n_groups=3, min_examples=10)),
        "everybody": RFM(RFMConfig(n_groups=1)),
    }
    cutoff = FIRST_DAY_MS + (SHOPPING_DAYS - 30) * DAY_MS
    return evaluate_at(models, shoppers(), cutoff, Resources())


def test_the_better_model_has_a_lower_crps(results):
    found = crps_difference([Duel([results["everybody"]], [results["segments"]])])
    assert found.low < found.value < found.high < 0


def test_the_better_model_has_a_higher_gini(results):
    found = gini_difference([Duel([results["everybody"]], [results["segments"]])], n_bootstrap=50)
    assert 0 < found.low < found.value < found.high


def test_a_draw_without_spenders_leaves_the_interval_of_gini_as_it_is(results):
    def with_one_spender(evaluated):
        actual = np.where(np.arange(len(evaluated.crps)) == 3, 9.0, 0.0)
        return replace(evaluated, outcome=replace(evaluated.outcome, actual=actual))

    sides = [[with_one_spender(results[name])] for name in ("everybody", "segments")]
    found = gini_difference([Duel(*sides)], n_bootstrap=50)
    assert found.low <= found.value <= found.high


def test_a_model_does_not_differ_from_itself(results):
    found = crps_difference([Duel([results["segments"]], [results["segments"]])])
    assert (found.low, found.value, found.high) == (0, 0, 0)


def test_several_cutoffs_are_compared_as_one(results):
    duel = Duel([results["everybody"]], [results["segments"]])
    one, three = crps_difference([duel]), crps_difference([duel, duel, duel])
    assert three.value == pytest.approx(one.value)
    assert (three.low, three.high) == pytest.approx((one.low, one.high))


def test_seeds_are_averaged(results):
    both = [results["everybody"], results["segments"]]
    whole = crps_difference([Duel([results["everybody"]], [results["segments"]])])
    half = crps_difference([Duel([results["everybody"]], both)])
    assert half.value == pytest.approx(whole.value / 2)
