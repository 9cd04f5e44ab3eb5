"""Divide what is not test into folds, each held out once, in the manner of a split."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from coadapt.data.batches import BoolArray, IntArray
from coadapt.data.dataset import Dataset
from coadapt.data.splitting import HeldOut, SplitConfig, SplitKind, held_out, newest_or_random
from coadapt.domain.errors import EmptyDataError


@dataclass(frozen=True)
class Fold:
    """Hold what is learnt from and what is predicted in one fold."""

    train: Dataset
    validation: HeldOut


@dataclass(frozen=True)
class _Masks:
    """Mark what is learnt from, known and predicted; all have shape (n_events,)."""

    train: BoolArray
    history: BoolArray
    target: BoolArray


def folds(dataset: Dataset, config: SplitConfig, n_folds: int) -> Iterator[Fold]:
    """Yield the folds of a dataset from which the test events have been taken already.

    - `leave_last_out`: the last event of one part of the users after the other.
    - `time`: one stretch of time after the other, each predicted from all before it.
    - `per_user_holdout`: one random part of each user's events after the other.
    - `user_disjoint`: one part of the users after the other, `target_fraction` of their events.

    Raises EmptyDataError where a fold has nothing to learn from or to predict.
    """
    for number in range(n_folds):
        masks = _STRATEGIES[config.kind](dataset, config, n_folds, number)
        if not (masks.train.any() and masks.target.any()):
            raise EmptyDataError(
                f"fold {number + 1} of {n_folds} has nothing to learn from or to predict; "
                "ask for fewer folds",
                field="tuning.folds",
            )
        validation = held_out(dataset, masks.history, masks.target)
        yield Fold(dataset.where(masks.train), validation)


def _leave_last_out(dataset: Dataset, config: SplitConfig, n_folds: int, number: int) -> _Masks:
    """Hold out the last event of the users of a group who have two."""
    ends = dataset.offsets[dataset.users + 1]
    is_last = np.arange(dataset.n_events) == ends - 1
    has_two = ends - dataset.offsets[dataset.users] >= 2
    target = is_last & has_two & (_groups(dataset, config, n_folds)[dataset.users] == number)
    return _Masks(~target, ~target, target)


def _by_time(dataset: Dataset, _config: SplitConfig, n_folds: int, number: int) -> _Masks:
    """Hold out a stretch of time and learn from what came before it."""
    shares = np.arange(1, n_folds + 1) / (n_folds + 1)
    cuts = np.quantile(dataset.times, shares, method="higher") if dataset.n_events else shares
    train = dataset.times < cuts[number]
    is_later = dataset.times >= cuts[number + 1] if number + 1 < n_folds else np.zeros_like(train)
    return _Masks(train, train, ~train & ~is_later)


def _per_user_holdout(dataset: Dataset, config: SplitConfig, n_folds: int, number: int) -> _Masks:
    """Hold out a random part of the events of each user who has two."""
    random = np.random.RandomState(config.seed)
    order = np.lexsort((random.random_sample(dataset.n_events), dataset.users))
    first = dataset.offsets[dataset.users]
    places = (
        np.argsort(order) - first + random.randint(n_folds, size=dataset.n_users)[dataset.users]
    )
    has_two = dataset.offsets[dataset.users + 1] - first >= 2
    target = has_two & (places % n_folds == number)
    return _Masks(~target, ~target, target)


def _user_disjoint(dataset: Dataset, config: SplitConfig, n_folds: int, number: int) -> _Masks:
    """Hold out the users of a group and predict some of their events from the others."""
    is_held_out = (_groups(dataset, config, n_folds) == number)[dataset.users]
    has_two = np.diff(dataset.offsets)[dataset.users] >= 2
    is_target = newest_or_random(dataset, config, np.random.RandomState(config.seed)) & has_two
    return _Masks(~is_held_out, is_held_out & ~is_target, is_held_out & is_target)


def _groups(dataset: Dataset, config: SplitConfig, n_folds: int) -> IntArray:
    """Put each user into one of as many groups as there are folds, by lot."""
    return np.random.RandomState(config.seed).permutation(dataset.n_users) % n_folds


_STRATEGIES: Final[dict[SplitKind, Callable[[Dataset, SplitConfig, int, int], _Masks]]] = {
    "leave_last_out": _leave_last_out,
    "time": _by_time,
    "per_user_holdout": _per_user_holdout,
    "user_disjoint": _user_disjoint,
}
