"""Each step of cleaning keeps what it should and tells what it fitted."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.data._cleaning import (
    Step,
    deduplicated,
    in_core,
    of_types,
    robust_limits,
    with_item,
    with_min_value,
    with_scaled_values,
    with_value,
    within_limits,
)
from coadapt.domain.errors import EmptyDataError

SCHEMA = {
    "user_id": pl.String,
    "item_id": pl.String,
    "type": pl.String,
    "timestamp": pl.Int64,
    "value": pl.Float64,
}
VALUES = st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=30)
PAIRS = st.lists(st.tuples(st.sampled_from("uvw"), st.sampled_from("abc")), max_size=30)
QUANTILES = (0.1, 0.9)


def _events(*rows: tuple[Any, ...]) -> pl.DataFrame:
    plain = ("u", "i", "page_view", 0, None)
    return pl.DataFrame([row + plain[len(row) :] for row in rows], SCHEMA, orient="row")


def _valued(values: list[float | None]) -> pl.DataFrame:
    return _events(*(("u", "i", "rate", n, value) for n, value in enumerate(values)))


ALL_STEPS: list[Step] = [
    with_item,
    of_types(("page_view",)),
    with_value("drop"),
    with_value(1.5),
    with_min_value(0.0),
    within_limits("clip", "robust", QUANTILES),
    within_limits("drop", "quantile", QUANTILES),
    deduplicated("first", "pair"),
    deduplicated("last", "event"),
    in_core(2, 2, is_stable=True),
    with_scaled_values("standard"),
    with_scaled_values("minmax"),
]


@pytest.mark.parametrize("step", ALL_STEPS)
def test_no_events_are_no_error_and_keep_their_columns(step: Step) -> None:
    kept, _ = step(_events())
    assert kept.is_empty()
    assert dict(kept.schema) == SCHEMA


@pytest.mark.parametrize("step", ALL_STEPS)
@given(pairs=PAIRS)
def test_what_is_kept_stays_in_its_order(step: Step, pairs: list[tuple[str, str]]) -> None:
    rows = [(*pair, "page_view", n, n / 3) for n, pair in enumerate(pairs)]
    assert step(_events(*rows))[0]["timestamp"].is_sorted()


def test_an_event_without_an_item_goes() -> None:
    kept, _ = with_item(_events(("u", None), ("u", ""), ("u", "i")))
    assert kept["item_id"].to_list() == ["", "i"]


@pytest.mark.parametrize(("instead", "fill"), [("mean", 4.0), ("median", 2.0), (0, 0)])
def test_what_stands_in_for_a_missing_value_is_recorded(instead, fill) -> None:
    filled, fitted = with_value(instead)(_valued([1.0, None, 2.0, 9.0]))
    assert filled["value"].to_list() == [1.0, fill, 2.0, 9.0]
    assert fitted == {"n_missing": 1, "fill": fill}


def test_a_constant_needs_no_values() -> None:
    assert with_value(2)(_valued([None]))[0]["value"].to_list() == [2.0]


@pytest.mark.parametrize("instead", ["mean", "median"])
def test_a_statistic_of_nothing_names_the_way_out(instead) -> None:
    with pytest.raises(EmptyDataError, match="give a constant") as caught:
        with_value(instead)(_valued([None]))
    assert caught.value.field == "missing_values"


def test_the_minimum_itself_is_enough() -> None:
    kept, _ = with_min_value(2.0)(_valued([1.9, 2.0, None]))
    assert kept["value"].to_list() == [2.0, None]


@given(VALUES)
def test_robust_limits_hold_the_median_and_the_middle_half(values) -> None:
    series = pl.Series(values, dtype=pl.Float64).drop_nulls()
    limits = robust_limits(series)
    assert limits is None or limits[0] <= series.median() <= limits[1]


def test_robust_limits_are_ten_ranges_from_the_median() -> None:
    assert robust_limits(pl.Series([0.0, 1.0, 2.0, 3.0, 4.0])) == (-18.0, 22.0)


@pytest.mark.parametrize("values", [[], [3.0], [1.0, 1.0, 1.0, 1.0, 900.0]])
def test_values_that_hardly_vary_have_no_limits(values) -> None:
    assert robust_limits(pl.Series(values, dtype=pl.Float64)) is None


@given(VALUES)
def test_clipping_loses_no_event_and_dropping_changes_no_value(values) -> None:
    rows = _valued(values)
    clipped, told = within_limits("clip", "quantile", QUANTILES)(rows)
    dropped, told_too = within_limits("drop", "quantile", QUANTILES)(rows)
    assert clipped["value"].null_count() == rows["value"].null_count()
    assert dropped.height == rows.height - told["n_outside"]
    assert set(dropped["timestamp"]) <= set(rows["timestamp"])
    assert told == told_too


@given(PAIRS)
def test_each_pair_is_left_once(pairs) -> None:
    rows = _events(*((*pair, "page_view", n % 5) for n, pair in enumerate(pairs)))
    kept, _ = deduplicated("first", "pair")(rows)
    assert sorted(kept.select("user_id", "item_id").rows()) == sorted(set(pairs))


@pytest.mark.parametrize(("keep", "place"), [("first", "a"), ("last", "c")])
def test_of_equal_times_the_place_in_the_file_decides(keep, place) -> None:
    rows = _events(*(("u", "i", kind, 5) for kind in ("a", "b", "c")))
    assert deduplicated(keep, "pair")(rows)[0]["type"].to_list() == [place]


def test_the_earliest_is_first_wherever_it_stands() -> None:
    rows = _events(("u", "i", "late", 9), ("u", "i", "early", 1))
    assert deduplicated("first", "pair")(rows)[0]["type"].to_list() == ["early"]


def test_the_same_at_another_time_is_no_repeated_event() -> None:
    rows = _events(("u", "i", "like", 1), ("u", "i", "like", 2), ("u", "i", "like", 1))
    assert deduplicated("first", "event")(rows)[0]["timestamp"].to_list() == [1, 2]


@given(pairs=PAIRS, n_item=st.integers(0, 4), n_user=st.integers(0, 4))
def test_in_a_stable_core_everybody_and_everything_has_its_minimum(pairs, n_item, n_user) -> None:
    kept, told = in_core(n_item, n_user, is_stable=True)(_events(*pairs))
    counts = [kept[name].value_counts()["count"] for name in ("item_id", "user_id")]
    assert all(
        (count >= least).all() for count, least in zip(counts, (n_item, n_user), strict=True)
    )
    assert (told["items"], told["users"]) == (len(counts[0]), len(counts[1]))


@given(pairs=PAIRS)
def test_pruning_a_core_again_removes_nothing(pairs) -> None:
    step = in_core(2, 2, is_stable=True)
    once, _ = step(_events(*pairs))
    assert step(once)[0].equals(once)


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=20, unique=True))
def test_minmax_spans_zero_to_one(values) -> None:
    scaled, _ = with_scaled_values("minmax")(_valued(values))
    assert (scaled["value"].min(), scaled["value"].max()) == (0.0, pytest.approx(1.0))


def test_scaling_nothing_changes_nothing() -> None:
    rows = _valued([None, None])
    assert with_scaled_values("standard")(rows)[0].equals(rows)
