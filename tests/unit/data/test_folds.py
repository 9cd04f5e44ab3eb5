"""Each fold holds out another part of what is not test, and knows nothing of it."""

from __future__ import annotations

import numpy as np
import pytest

from coadapt.data.folds import folds
from coadapt.data.splitting import SplitConfig, split_dataset
from coadapt.domain.errors import EmptyDataError
from coadapt.testing.tiny import two_tastes

KINDS = ["leave_last_out", "time", "per_user_holdout", "user_disjoint"]
N_FOLDS = 4


def all_folds(kind: str):
    config = SplitConfig(kind=kind)
    split = split_dataset(two_tastes(), config)
    return split, list(folds(split.refit, config, N_FOLDS))


@pytest.mark.parametrize("kind", KINDS)
def test_no_event_of_the_test_is_in_any_fold(kind) -> None:
    split, found = all_folds(kind)
    seen = np.concatenate([np.append(f.train.times, f.validation.targets.times) for f in found])
    assert not np.isin(split.test.targets.times, seen).any()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_predicted_is_not_learnt_from_in_the_same_fold(kind) -> None:
    for fold in all_folds(kind)[1]:
        assert not np.isin(fold.validation.targets.times, fold.train.times).any()
        assert not np.isin(fold.validation.targets.times, fold.validation.histories.times).any()


@pytest.mark.parametrize("kind", KINDS)
def test_no_event_is_predicted_twice(kind) -> None:
    times = np.concatenate([fold.validation.targets.times for fold in all_folds(kind)[1]])
    assert len(np.unique(times)) == len(times) > 0


@pytest.mark.parametrize("kind", ["leave_last_out", "per_user_holdout"])
def test_every_user_is_predicted_in_the_end(kind) -> None:
    users = np.concatenate([fold.validation.users for fold in all_folds(kind)[1]])
    assert len(np.unique(users)) == 40


def test_of_time_folds_only_the_past_is_learnt_from() -> None:
    for fold in all_folds("time")[1]:
        assert fold.train.times.max() < fold.validation.targets.times.min()


def test_the_same_config_gives_the_same_folds() -> None:
    first, again = all_folds("leave_last_out")[1], all_folds("leave_last_out")[1]
    assert all(
        (a.validation.users == b.validation.users).all() for a, b in zip(first, again, strict=True)
    )


def test_more_folds_than_there_is_to_predict_are_refused() -> None:
    config = SplitConfig(kind="user_disjoint")
    with pytest.raises(EmptyDataError, match="ask for fewer folds"):
        list(folds(two_tastes(), config, 50))
