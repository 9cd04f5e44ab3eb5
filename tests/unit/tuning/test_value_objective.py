"""A value model's trial is judged before the first cut-off of its test."""

from __future__ import annotations

from itertools import pairwise

import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import DataError, EmptyDataError
from coadapt.tuning import value_objective
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.subject import read_subject
from coadapt.tuning.trials import Trial
from coadapt.tuning.value_objective import ValueObjective

SHOP = {
    "source": "synthetic",
    "options": {"n_users": 80, "n_items": 30, "n_events": 3000, "n_days": 240},
}
TRIAL = Trial(0, {"n_groups": 3})


def objective(n_folds: int = 1, **sections) -> ValueObjective:
    document = {"kind": "value", "data": SHOP, "value": {"name": "rfm"}, **sections}
    return ValueObjective(read_subject(document, TuningConfig(), "x"), n_folds)


def never(step: int, value: float, *, is_last: bool = False) -> bool:
    return False


@pytest.fixture
def judged(monkeypatch):
    """Note what is judged: the newest instant that is read, and the cut-offs."""
    notes = []
    judge_at = value_objective.judge_at

    def noting(config, stream, cutoffs):
        notes.append((int(stream.times.max()), cutoffs))
        return judge_at(config, stream, cutoffs)

    monkeypatch.setattr(value_objective, "judge_at", noting)
    return notes


def test_nothing_from_the_first_cut_off_of_the_test_on_is_read(judged) -> None:
    value = objective(cutoffs={"dates": ["2027-03-20", "2027-04-20"]})(TRIAL, never)
    ((newest, (cutoff,)),) = judged
    first = 1_805_500_800_000
    assert value > 0
    assert newest < first == cutoff + 30 * DAY_MS


def test_each_fold_is_one_horizon_earlier(judged) -> None:
    objective(n_folds=3)(TRIAL, never)
    ((_, cutoffs),) = judged
    assert [late - early for early, late in pairwise(cutoffs)] == [
        30 * DAY_MS,
        30 * DAY_MS,
    ]


def test_more_folds_than_the_data_have_horizons_are_refused() -> None:
    with pytest.raises(EmptyDataError, match="fewer folds"):
        objective(n_folds=50).check()


def test_the_check_returns_the_fingerprint_of_the_data() -> None:
    assert objective().check() == objective(n_folds=2).check()


def test_forecasts_that_are_all_equal_have_no_ranks_to_judge() -> None:
    tuning = TuningConfig(metric="spearman")
    document = {"kind": "value", "data": SHOP, "value": {"name": "rfm"}}
    equal = Trial(0, {"n_groups": 1})
    with pytest.raises(DataError, match="spearman is not defined here"):
        ValueObjective(read_subject(document, tuning, "x"))(equal, never)
