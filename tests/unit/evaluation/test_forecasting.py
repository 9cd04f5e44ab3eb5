"""Value models are judged by what they say before a cut-off of what comes after."""

import numpy as np
import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.domain.resources import Resources
from coadapt.evaluation.forecasting import (
    SEGMENTS,
    Outcome,
    evaluate_at,
    evaluate_rolling,
)
from coadapt.testing.tiny import FIRST_DAY_MS, N_SHOPPERS, SHOPPING_DAYS, shoppers
from coadapt.value.base import ValueConfig
from coadapt.value.rfm import RFM, RFMConfig

CUTOFF = FIRST_DAY_MS + (SHOPPING_DAYS - 30) * DAY_MS
SPEND_TYPES = ValueConfig().spend_types


def models():
    return {
        "segments": RFM(RFMConfig(n_groups=3, min_examples=10)),
        "everybody": RFM(RFMConfig(n_groups=1)),
    }


@pytest.fixture(scope="module")
def results():
    return evaluate_at(models(), shoppers(), CUTOFF, Resources())


def test_the_outcome_is_the_net_spend_after_the_cutoff():
    stream = shoppers()
    after = stream.take(stream.times >= CUTOFF)
    outcome = Outcome.after(stream, CUTOFF, SPEND_TYPES, 30)
    purchases, refunds = (np.nansum(after.values[after.types == kind]) for kind in (1, 2))
    assert outcome.actual.sum() == pytest.approx(purchases - refunds)
    assert len(outcome.users) == N_SHOPPERS


def test_who_came_within_the_last_horizon_is_new():
    stream = shoppers()
    early = stream.take((stream.users > 4) | (stream.times > CUTOFF - 10 * DAY_MS))
    outcome = Outcome.after(early, CUTOFF, SPEND_TYPES, 30)
    assert (outcome.segments == SEGMENTS.index("new")).sum() == (outcome.users < 5).sum() > 0


def test_others_are_cut_at_their_median():
    segments = Outcome.after(shoppers(), CUTOFF, SPEND_TYPES, 30).segments
    assert np.bincount(segments, minlength=3).tolist() == [0, 30, 30]


def test_knowing_more_is_better(results):
    segments, everybody = (results[name].figures() for name in ("segments", "everybody"))
    assert segments.crps < everybody.crps
    assert segments.gini > 0.3
    assert everybody.gini == pytest.approx(0, abs=1e-9)


def test_segments_have_figures_of_their_own(results):
    found = results["segments"].to_dict()
    assert found["all"]["n_users"] == found["low"]["n_users"] + found["high"]["n_users"]
    assert found["high"]["crps"] > found["low"]["crps"]
    assert found["new"]["n_users"] == 0


def test_every_cutoff_is_evaluated_by_its_own_past():
    cutoffs = [CUTOFF - 60 * DAY_MS, CUTOFF]
    rolling = evaluate_rolling(models(), shoppers(), cutoffs, Resources())
    assert list(rolling) == cutoffs
    first, second = (rolling[cutoff]["segments"].figures() for cutoff in cutoffs)
    assert first.crps != second.crps


def test_what_follows_the_horizon_changes_nothing(results):
    stream = shoppers()
    early = stream.take(stream.times < CUTOFF + 30 * DAY_MS)
    again = evaluate_at(models(), early, CUTOFF, Resources())
    assert again["segments"].figures() == results["segments"].figures()
