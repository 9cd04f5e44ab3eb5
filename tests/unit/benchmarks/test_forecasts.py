"""The contest in forecasting lets each model choose before a cut-off and scores it once."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from contest.rows import Occasion
from forecasts.figures import difference_rows, mean_rows, turn_rows
from forecasts.plan import Contender, Plan, instant_of
from forecasts.turn import take_turn
from forecasts.two_hop import newest_before, teach_two_hop

from coadapt.domain.durations import DAY_MS
from coadapt.domain.resources import Resources
from coadapt.testing.tiny import FIRST_DAY_MS, SHOPPING_DAYS, shoppers
from coadapt.value.duve import DUVEConfig

CUTOFF = FIRST_DAY_MS + (SHOPPING_DAYS - 30) * DAY_MS
OCCASION = Occasion("value", "make bench-value", "2026-01-01", "abc")
EVERYBODY_ALIKE = {"n_groups": 1}
SEGMENTS = {"n_groups": 3, "min_examples": 10}


@pytest.fixture(scope="module")
def turns():
    good = Contender("rfm", [EVERYBODY_ALIKE, SEGMENTS], is_seeded=True)
    bad = Contender("rfm", [EVERYBODY_ALIKE])
    return {
        "good": take_turn(good, shoppers(), CUTOFF, [0, 1]),
        "bad": take_turn(bad, shoppers(), CUTOFF, [0, 1]),
    }


def values(rows, metric):
    return [row["value"] for row in rows if row["metric"] == metric]


def test_the_plan_names_models_and_cutoffs():
    plan = Plan.read(Path(__file__).parents[3] / "benchmarks" / "forecasts.toml")
    assert plan.fields["cdnow"].cutoffs[0] == date(1997, 10, 1)
    assert {"rfm", "bg_nbd", "ziln", "boosted_trees"} <= set(plan.contenders)
    assert plan.anchor.values["alpha"] == 4.4135


def test_a_day_begins_at_midnight():
    assert instant_of(date(1997, 10, 1)) == 875_664_000_000


def test_the_better_setting_is_chosen_one_horizon_earlier(turns):
    assert turns["good"].setting == SEGMENTS
    assert turns["good"].validation_crps < turns["bad"].validation_crps


def test_only_networks_play_with_every_seed(turns):
    assert (list(turns["good"].by_seed), list(turns["bad"].by_seed)) == ([0, 1], [0])


def test_the_choice_sees_nothing_of_what_follows(turns):
    known = shoppers().before(CUTOFF)
    again = take_turn(Contender("rfm", [EVERYBODY_ALIKE, SEGMENTS]), known, CUTOFF, [0])
    assert again.validation_crps == turns["good"].validation_crps


def test_rows_hold_each_seed_and_their_mean(turns):
    rows = list(turn_rows(OCCASION, {"dataset": "tiny", "method": "rfm"}, turns["good"]))
    scores = [row for row in rows if row["metric"] == "crps"]
    assert [row["seed"] for row in scores] == [0, 1, None]
    assert scores[0]["low"] < scores[0]["value"] < scores[0]["high"]
    assert values(rows, "chosen n_groups") == [3]


def test_differences_are_ours_less_the_rivals(turns):
    (crps, gini) = difference_rows(OCCASION, {"dataset": "tiny"}, [turns], "good")
    assert (crps["metric"], gini["metric"]) == ("crps less bad's", "gini less bad's")
    assert crps["value"] < 0 < gini["value"]


def test_means_are_over_cutoffs(turns):
    rows = list(mean_rows(OCCASION, {"dataset": "tiny"}, [turns, turns]))
    figures = turns["bad"].by_seed[0].figures()
    assert values([r for r in rows if r["method"] == "bad"], "crps") == [
        pytest.approx(figures.crps, rel=1e-5)
    ]


def test_neighbours_are_the_newest_earlier_events_of_the_same_row():
    rows = np.array([7, 7, -1, 7, -1, 7])
    assert newest_before(rows, 2).tolist() == [
        [-1, -1],
        [0, -1],
        [-1, -1],
        [1, 0],
        [-1, -1],
        [3, 1],
    ]


def test_two_hops_forecast_whom_summaries_forecast():
    config = DUVEConfig(n_steps=3)
    taught = teach_two_hop(shoppers().before(CUTOFF), config, Resources(), CUTOFF)
    figures = taught.forecast_at(shoppers(), CUTOFF, config).figures()
    assert figures.n_users == len(np.unique(shoppers().before(CUTOFF).users))
    assert np.isfinite([figures.crps, figures.gini]).all()
