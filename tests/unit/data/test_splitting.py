from __future__ import annotations

from itertools import chain

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from coadapt.data.dataset import Dataset
from coadapt.data.splitting import HeldOut, Split, SplitConfig, split_dataset
from coadapt.domain.errors import EmptyDataError

KINDS = ("leave_last_out", "time", "per_user_holdout", "user_disjoint")


def _dataset(pairs: list[tuple[int, int]]) -> Dataset:
    """Build from (user, time); each event has a value of its own to know it by."""
    users, times = zip(*pairs, strict=True)
    frame = pl.DataFrame({"user_id": [f"u{user}" for user in users], "timestamp": times})
    return Dataset.from_frame(
        frame.with_columns(
            item_id=pl.lit("i"), type=pl.lit("like"), value=pl.int_range(pl.len()).cast(pl.Float64)
        )
    )


def _split(pairs: list[tuple[int, int]], config: SplitConfig) -> Split:
    try:
        return split_dataset(_dataset(pairs), config)
    except EmptyDataError:
        assume(False)
        raise


def _one_user(n_events: int) -> list[tuple[int, int]]:
    return [(0, time) for time in range(n_events)]


def _marks(held_out: HeldOut) -> list[float]:
    return held_out.targets.values.tolist()


many = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), min_size=8, max_size=60)
configs = st.builds(
    SplitConfig,
    kind=st.sampled_from(KINDS),
    target=st.sampled_from(["newest", "random"]),
    user_order=st.sampled_from(["file", "sorted"]),
    seed=st.integers(0, 99),
)
relaxed = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


@relaxed
@given(many, configs)
def test_no_event_is_lost_or_held_out_twice(pairs, config) -> None:
    split = _split(pairs, config)
    parts = [split.train.values.tolist(), _marks(split.validation), _marks(split.test)]
    if config.kind == "user_disjoint":
        parts += [split.validation.histories.values.tolist(), split.test.histories.values.tolist()]
    assert sorted(chain.from_iterable(parts)) == list(range(len(pairs)))


@relaxed
@given(many, st.sampled_from(["leave_last_out", "time"]))
def test_no_history_is_newer_than_its_target(pairs, kind) -> None:
    test = _split(pairs, SplitConfig(kind=kind)).test
    owners = np.repeat(np.arange(len(test)), test.histories.lengths)
    first_target = test.targets.times[test.targets.offsets[:-1]]
    assert (test.histories.times <= first_target[owners]).all()


@relaxed
@given(many, configs)
def test_a_target_is_never_in_its_own_history(pairs, config) -> None:
    split = _split(pairs, config)
    assert not set(_marks(split.test)) & set(split.test.histories.values.tolist())
    assert not set(_marks(split.validation)) & set(split.validation.histories.values.tolist())


@relaxed
@given(many, configs)
def test_everybody_who_is_evaluated_has_a_target(pairs, config) -> None:
    test = _split(pairs, config).test
    assert (test.targets.lengths > 0).all()
    assert len(test.users) == len(test.targets) == len(test.histories)


@relaxed
@given(many, configs)
def test_a_refit_learns_from_everything_but_the_test(pairs, config) -> None:
    split = _split(pairs, config)
    tested = len(split.test.targets.rows)
    if config.kind == "user_disjoint":
        tested += len(split.test.histories.rows)
    assert split.refit.n_events == len(pairs) - tested


@relaxed
@given(many, st.integers(0, 99))
def test_disjoint_parts_share_no_user(pairs, seed) -> None:
    split = _split(pairs, SplitConfig(kind="user_disjoint", seed=seed))
    learnt = set(split.train.users.tolist())
    validated, tested = set(split.validation.users.tolist()), set(split.test.users.tolist())
    assert len(learnt | validated | tested) == len(learnt) + len(validated) + len(tested)


def test_the_last_event_is_test_and_the_one_before_validation() -> None:
    split = split_dataset(_dataset(_one_user(5)), SplitConfig())
    assert (_marks(split.validation), _marks(split.test)) == ([3.0], [4.0])
    assert split.test.histories.values.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_a_user_with_two_events_is_only_learnt_from() -> None:
    split = split_dataset(_dataset([*_one_user(3), (1, 0), (1, 1)]), SplitConfig())
    assert split.test.users.tolist() == [0]
    assert split.train.n_events == 3


def test_ties_in_time_are_left_out_in_the_order_of_the_log() -> None:
    split = split_dataset(_dataset([(0, 7)] * 4), SplitConfig())
    assert _marks(split.test) == [3.0]


def test_a_time_split_cuts_at_the_instants_given() -> None:
    config = SplitConfig(kind="time", validation_from_ms=4, test_from_ms=8)
    split = split_dataset(_dataset(_one_user(10)), config)
    assert split.train.times.max() == 3
    assert (_marks(split.validation), _marks(split.test)) == ([4.0, 5.0, 6.0, 7.0], [8.0, 9.0])


def test_a_time_split_holds_out_the_newest_share() -> None:
    split = split_dataset(_dataset(_one_user(100)), SplitConfig(kind="time"))
    assert (split.train.n_events, len(_marks(split.validation)), len(_marks(split.test))) == (
        70,
        10,
        20,
    )


def test_a_newcomer_in_the_test_window_has_an_empty_history() -> None:
    config = SplitConfig(kind="time", validation_from_ms=1, test_from_ms=2)
    split = split_dataset(_dataset([(0, 0), (0, 1), (1, 2)]), config)
    assert split.test.histories.lengths.tolist() == [0]


def test_a_holdout_takes_a_fifth_then_a_tenth_of_each_user() -> None:
    split = split_dataset(_dataset(_one_user(50)), SplitConfig(kind="per_user_holdout"))
    assert (split.train.n_events, len(_marks(split.validation)), len(_marks(split.test))) == (
        36,
        4,
        10,
    )


def test_a_holdout_draws_as_numpys_random_state_does() -> None:
    drawn = np.random.RandomState(42).permutation(10)
    split = split_dataset(_dataset(_one_user(10)), SplitConfig(kind="per_user_holdout"))
    assert _marks(split.test) == sorted(drawn[:2])
    assert _marks(split.validation) == sorted(drawn[2:3])


def test_sorted_users_are_drawn_in_the_order_of_their_numbers() -> None:
    frame = pl.DataFrame({"user_id": ["10"] * 9 + ["9"] * 9, "timestamp": list(range(18))})
    frame = frame.with_columns(item_id=pl.lit("i"), type=pl.lit("like"), value=pl.lit(0.0))
    config = SplitConfig(kind="per_user_holdout", user_order="sorted")
    test = split_dataset(Dataset.from_frame(frame), config).test
    first_drawn = sorted(np.random.RandomState(42).permutation(9)[:2] + 9)
    assert test.targets.times[test.targets.offsets[1] :].tolist() == first_drawn


def test_the_newest_events_of_a_held_out_user_are_to_be_predicted() -> None:
    pairs = [(user, time) for user in range(10) for time in range(10)]
    test = split_dataset(_dataset(pairs), SplitConfig(kind="user_disjoint")).test
    assert test.targets.times.tolist() == [8, 9] * 2


def test_random_targets_are_not_always_the_newest() -> None:
    pairs = [(user, time) for user in range(40) for time in range(10)]
    config = SplitConfig(kind="user_disjoint", target="random")
    test = split_dataset(_dataset(pairs), config).test
    assert {8, 9} < set(test.targets.times.tolist())
    assert (test.targets.lengths == 2).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_splits_the_same_way(kind) -> None:
    pairs = [(user, time) for user in range(10) for time in range(10)]
    first, second = (split_dataset(_dataset(pairs), SplitConfig(kind=kind)) for _ in range(2))
    assert _marks(first.test) == _marks(second.test)


@pytest.mark.parametrize("kind", KINDS)
def test_too_little_data_is_refused_and_the_split_named(kind) -> None:
    with pytest.raises(EmptyDataError, match=kind):
        split_dataset(_dataset([(0, 0)]), SplitConfig(kind=kind))


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "random"},
        {"test_fraction": 0.0},
        {"validation_fraction": 0.6, "test_fraction": 0.5},
        {"kind": "time", "test_from_ms": 5},
        {"kind": "time", "validation_from_ms": 9, "test_from_ms": 5},
        {"unknown": 1},
    ],
)
def test_an_impossible_split_is_refused(options) -> None:
    with pytest.raises(ValidationError):
        SplitConfig(**options)


def test_targets_that_are_in_the_history_are_counted() -> None:
    frame = pl.DataFrame({"item_id": ["a", "b", "c", "a"], "timestamp": [1, 2, 3, 4]})
    columns = {"user_id": pl.lit("u"), "type": pl.lit("like"), "value": pl.lit(None)}
    split = split_dataset(Dataset.from_frame(frame.with_columns(**columns)), SplitConfig())
    assert (split.validation.seen_share, split.test.seen_share) == (0.0, 1.0)


def test_some_of_the_users_can_be_taken() -> None:
    held_out = split_dataset(_dataset([(u, t) for u in range(3) for t in range(4)]), SplitConfig())
    part = held_out.test.take(np.array([2, 0]))
    assert part.users.tolist() == [2, 0]
    assert part.targets.values.tolist() == [11.0, 3.0]
