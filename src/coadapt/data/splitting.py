"""Divide a dataset into what is learnt from and what is predicted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from coadapt.data.batches import BoolArray, Histories, IntArray
from coadapt.data.dataset import Dataset
from coadapt.domain.errors import EmptyDataError

SplitKind = Literal["leave_last_out", "time", "per_user_holdout", "user_disjoint"]
Fraction = Annotated[float, Field(gt=0, lt=1)]

MIN_EVENTS_TO_LEAVE_OUT: Final = 3


class SplitConfig(BaseModel):
    """Say how to split; a kind ignores the options of the others.

    - `leave_last_out`: a user's last event is test, the one before validation.
    - `time`: train < validation_from_ms <= validation < test_from_ms <= test; without these times
      the fractions are shares of all events, the newest being test.
    - `per_user_holdout`: a random `test_fraction` of each user's events, then a random
      `validation_fraction` of the others; users in `user_order`, drawn by NumPy's RandomState.
    - `user_disjoint`: the fractions are shares of users; of each held-out user's events a
      `target_fraction` is to be predicted, the newest or a random one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: SplitKind = "leave_last_out"
    validation_fraction: Fraction = 0.1
    test_fraction: Fraction = 0.2
    validation_from_ms: int | None = None
    test_from_ms: int | None = None
    target_fraction: Fraction = 0.2
    target: Literal["newest", "random"] = "newest"
    user_order: Literal["file", "sorted"] = "file"
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 42

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        """Refuse limits that leave nothing or stand in the wrong order."""
        if self.kind != "per_user_holdout" and self.validation_fraction + self.test_fraction >= 1:
            raise ValueError("validation_fraction and test_fraction must leave something to learn")
        if (self.validation_from_ms is None) != (self.test_from_ms is None):
            raise ValueError("give validation_from_ms and test_from_ms together")
        if (self.validation_from_ms or 0) > (self.test_from_ms or 0):
            raise ValueError("validation_from_ms must not be after test_from_ms")
        return self


@dataclass(frozen=True)
class HeldOut:
    """Hold, for each evaluated user, what is known and what is to be predicted.

    `users` are user rows, shape (n,); `histories` and `targets` have one entry a user, in that
    order. A history may be empty, a target is not.
    """

    histories: Histories
    targets: Histories
    users: IntArray

    def __len__(self) -> int:
        return len(self.users)

    @property
    def seen_share(self) -> float:
        """Return the share of targets whose item is in the user's own history already.

        Where known items are left out of rankings, these are out of reach for every method.
        """
        parts = (self.targets, self.histories)
        n_items = 1 + max(int(part.rows.max(initial=0)) for part in parts)
        target, past = (
            np.repeat(np.arange(len(self)), part.lengths) * n_items + part.rows for part in parts
        )
        return float(np.isin(target, past).mean()) if len(target) else 0.0

    def take(self, index: IntArray) -> HeldOut:
        """Return some of the users, by their place here."""
        return HeldOut(self.histories.take(index), self.targets.take(index), self.users[index])


@dataclass(frozen=True)
class Split:
    """Hold the parts of a dataset; all share its vocabularies.

    `refit` is train and validation together, for a last training before the test.
    """

    train: Dataset
    validation: HeldOut
    test: HeldOut
    refit: Dataset


@dataclass(frozen=True)
class _Masks:
    """Mark each event's part; all have shape (n_events,)."""

    train: BoolArray
    validation_history: BoolArray
    validation_target: BoolArray
    test_history: BoolArray
    test_target: BoolArray
    refit: BoolArray


def split_dataset(dataset: Dataset, config: SplitConfig) -> Split:
    """Split as configured. Raises EmptyDataError where nothing is left to learn from or predict."""
    masks = _STRATEGIES[config.kind](dataset, config)
    for name in ("train", "validation_target", "test_target"):
        if not getattr(masks, name).any():
            part = name.removesuffix("_target")
            message = f"the split {config.kind} leaves no {part} events; give it more data"
            raise EmptyDataError(message, field="split")
    return Split(
        train=dataset.where(masks.train),
        validation=held_out(dataset, masks.validation_history, masks.validation_target),
        test=held_out(dataset, masks.test_history, masks.test_target),
        refit=dataset.where(masks.refit),
    )


def held_out(dataset: Dataset, history: BoolArray, target: BoolArray) -> HeldOut:
    """Gather the histories and targets of the users that have a target."""
    users = np.unique(dataset.users[target])
    return HeldOut(
        histories=dataset.where(history).histories(users),
        targets=dataset.where(target).histories(users),
        users=users,
    )


def _leave_last_out(dataset: Dataset, _config: SplitConfig) -> _Masks:
    """Hold out the last two events of each user who has at least three."""
    ends = dataset.offsets[dataset.users + 1]
    n_after = ends - 1 - np.arange(dataset.n_events)
    has_enough = ends - dataset.offsets[dataset.users] >= MIN_EVENTS_TO_LEAVE_OUT
    test, validation = has_enough & (n_after == 0), has_enough & (n_after == 1)
    train = ~(test | validation)
    return _Masks(train, train, validation, ~test, test, refit=~test)


def _by_time(dataset: Dataset, config: SplitConfig) -> _Masks:
    """Cut at two instants; events of the same instant fall on the same side."""
    validation_from, test_from = config.validation_from_ms, config.test_from_ms
    if validation_from is None or test_from is None:
        shares = 1 - config.test_fraction - np.array([config.validation_fraction, 0.0])
        cuts = np.quantile(dataset.times, shares, method="higher") if dataset.n_events else (0, 0)
        validation_from, test_from = int(cuts[0]), int(cuts[1])
    train, before_test = dataset.times < validation_from, dataset.times < test_from
    return _Masks(train, train, before_test & ~train, before_test, ~before_test, refit=before_test)


def _per_user_holdout(dataset: Dataset, config: SplitConfig) -> _Masks:
    """Hold out random events of each user with at least two."""
    random = np.random.RandomState(config.seed)
    test = np.zeros(dataset.n_events, np.bool_)
    validation = np.zeros(dataset.n_events, np.bool_)
    for user in _user_order(dataset, config):
        first = dataset.offsets[user]
        events = first + random.permutation(int(dataset.offsets[user + 1] - first))
        n_test = _share(len(events), config.test_fraction)
        n_validation = _share(len(events) - n_test, config.validation_fraction)
        test[events[:n_test]] = True
        validation[events[n_test : n_test + n_validation]] = True
    train = ~(test | validation)
    return _Masks(train, train, validation, ~test, test, refit=~test)


def _user_disjoint(dataset: Dataset, config: SplitConfig) -> _Masks:
    """Hold out whole users, drawn among those with at least two events."""
    random = np.random.RandomState(config.seed)
    candidates = np.flatnonzero(np.diff(dataset.offsets) >= 2)
    drawn = random.permutation(candidates)
    n_test = _share(len(candidates), config.test_fraction)
    n_validation = _share(len(candidates), config.validation_fraction)
    in_test = np.isin(dataset.users, drawn[:n_test])
    in_validation = np.isin(dataset.users, drawn[n_test : n_test + n_validation])
    is_target = newest_or_random(dataset, config, random)
    return _Masks(
        train=~(in_test | in_validation),
        validation_history=in_validation & ~is_target,
        validation_target=in_validation & is_target,
        test_history=in_test & ~is_target,
        test_target=in_test & is_target,
        refit=~in_test,
    )


def newest_or_random(
    dataset: Dataset, config: SplitConfig, random: np.random.RandomState
) -> BoolArray:
    """Mark each user's newest or random share of events, at least one and not all."""
    counts = np.diff(dataset.offsets)
    n_targets = np.clip(np.rint(counts * config.target_fraction), 1, np.maximum(counts - 1, 1))
    places = np.arange(dataset.n_events) - dataset.offsets[dataset.users]
    if config.target == "random":
        order = np.lexsort((random.random_sample(dataset.n_events), dataset.users))
        places = places[np.argsort(order)]
    is_target: BoolArray = places >= (counts - n_targets)[dataset.users]
    return is_target


def _share(n_events: int, fraction: float) -> int:
    """Count a fraction of n, at least one and, of two or more, not all; none of a single one."""
    if n_events < 2:
        return 0
    return min(max(1, round(fraction * n_events)), n_events - 1)


def _user_order(dataset: Dataset, config: SplitConfig) -> IntArray:
    """Return user rows as they first appear, or by id: as numbers where all ids are."""
    if config.user_order == "file":
        return np.arange(dataset.n_users)
    ids = dataset.user_ids.ids
    is_number = all(identifier.isdecimal() for identifier in ids)
    keys = np.array([int(i) for i in ids]) if is_number else np.array(ids)
    return np.argsort(keys, kind="stable")


_STRATEGIES: Final[dict[SplitKind, Callable[[Dataset, SplitConfig], _Masks]]] = {
    "leave_last_out": _leave_last_out,
    "time": _by_time,
    "per_user_holdout": _per_user_holdout,
    "user_disjoint": _user_disjoint,
}
