"""Columns of text become typed events, or rows with the first reason why not."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.data.sources._checks import (
    BAD_ROW_SCHEMA,
    EARLIEST_MS,
    EVENT_SCHEMA,
    LATEST_MS,
    EventColumns,
    bad_rows,
    checked_events,
)
from coadapt.data.sources._files import LINE, REASON

PLAIN = {"user": "u", "item": "i", "when": "1700000000", "kind": "like", "worth": "1"}
COLUMNS = EventColumns("user", "item", "when", "s", type="kind", value="worth")
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)


def _block(*changes: dict[str, object], **dtypes: pl.DataType) -> pl.DataFrame:
    frame = pl.DataFrame([PLAIN | change for change in changes], schema_overrides=dtypes)
    numbers = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(LINE)
    return frame.with_columns(numbers, pl.lit(None, pl.String).alias(REASON))


def _reason(columns: EventColumns = COLUMNS, **change: object) -> str | None:
    _, bad = checked_events(_block(change), columns, "f")
    return bad["reason"].to_list()[0] if len(bad) else None


def _column(name: str, columns: EventColumns, **change: object) -> object:
    events, _ = checked_events(_block(change), columns, "f")
    return events[name].to_list()[0]


@given(st.lists(st.fixed_dictionaries({name: st.none() | ANY_TEXT for name in PLAIN}), min_size=1))
def test_every_row_becomes_an_event_or_has_a_reason(changes) -> None:
    block = _block(*changes, **dict.fromkeys(PLAIN, pl.String()))
    events, bad = checked_events(block, COLUMNS, "f")
    assert sorted([*events["line"], *bad["line"]]) == block[LINE].to_list()
    assert bad["reason"].null_count() == 0
    assert (dict(events.schema), dict(bad.schema)) == (EVENT_SCHEMA, BAD_ROW_SCHEMA)


def test_a_reason_that_is_there_already_comes_first() -> None:
    block = _block({"user": ""}).with_columns(pl.lit("torn").alias(REASON))
    assert checked_events(block, COLUMNS, "f")[1].rows() == [("f", 1, "torn")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"item": "", "user": ""}, "no item id"),
        ({"user": "", "when": "x"}, "no user id"),
        ({"kind": None, "when": "x"}, "no known event type"),
        ({"kind": "$$x"}, "invalid event type"),
        ({"kind": "x" * 65}, "invalid event type"),
        ({"when": "x", "worth": "x"}, "timestamp is not a time between 1990 and 2100"),
        ({"worth": "1,5"}, "value is not a number"),
        ({"worth": "-inf"}, "value is not finite"),
    ],
)
def test_the_most_basic_reason_is_given(change, reason) -> None:
    assert _reason(**change) == reason


@pytest.mark.parametrize("kind", ["$item", "x" * 64, "a_1"])
def test_a_type_that_could_be_ours_is_one(kind) -> None:
    assert _reason(kind=kind) is None


@pytest.mark.parametrize(("length", "reason"), [(256, None), (257, "longer than 256 characters")])
def test_an_ids_length_is_counted_in_characters(length, reason) -> None:
    found = _reason(item="🎉" * length)
    assert found is None if reason is None else reason in str(found)


def test_an_item_may_be_missing_where_that_is_said() -> None:
    columns = EventColumns("user", "item", "when", is_item_required=False)
    assert _column("item_id", columns, item="") is None
    assert _column("item_id", EventColumns("user", None, "when", is_item_required=False)) is None


def test_a_closed_list_of_types_knows_no_other() -> None:
    names = {"like": "rate"}
    closed = EventColumns("user", "item", "when", type="kind", type_names=names, is_closed=True)
    assert _column("type", closed) == "rate"
    assert _reason(closed, kind="purchase") == "no known event type"


def test_an_open_list_of_types_keeps_what_it_does_not_rename() -> None:
    columns = EventColumns("user", "item", "when", type="kind", type_names={"like": "rate"})
    assert _column("type", columns, kind="purchase") == "purchase"


def test_only_the_types_that_carry_a_value_keep_it() -> None:
    columns = EventColumns(
        "user", "item", "when", type="kind", value="worth", value_types=("purchase",)
    )
    assert _column("value", columns) is None
    assert _column("value", columns, kind="purchase") == 1.0


def test_without_times_lines_stand_for_them() -> None:
    events, _ = checked_events(_block({}, {}), EventColumns("user", "item", None), "f")
    assert events["timestamp"].to_list() == [1, 2]


@given(ms=st.integers(EARLIEST_MS, LATEST_MS), unit=st.sampled_from(["s", "ms", "us"]))
def test_a_time_is_the_same_in_every_unit_and_told_by_its_size(ms: int, unit: str) -> None:
    text = {"s": f"{ms / 1000:.3f}", "ms": f"{ms}", "us": f"{ms}000"}[unit]
    stated = EventColumns("user", "item", "when", unit)
    told = EventColumns("user", "item", "when", "auto")
    assert _column("timestamp", stated, when=text) == ms
    assert _column("timestamp", told, when=text) == ms


@given(st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)))
def test_iso_8601_is_read_as_python_writes_it(moment: datetime) -> None:
    text = moment.isoformat(timespec="milliseconds")
    expected = round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)
    assert _column("timestamp", EventColumns("user", "item", "when", "iso"), when=text) == expected


@pytest.mark.parametrize("time", [EARLIEST_MS - 1, LATEST_MS + 1, -1, 10**30])
def test_a_time_outside_its_century_is_none(time) -> None:
    columns = EventColumns("user", "item", "when", "ms")
    assert "between 1990 and 2100" in str(_reason(columns, when=str(time)))


def test_dates_of_the_file_itself_need_no_unit() -> None:
    block = _block({"when": datetime(2023, 11, 14, tzinfo=UTC)})
    events, _ = checked_events(block, COLUMNS, "f")
    assert events["timestamp"].to_list() == [1699920000000]


def test_columns_that_are_asked_for_are_kept_as_they_are() -> None:
    columns = EventColumns("user", "item", "when", extra=("worth",))
    assert _column("worth", columns, worth="a lot") == "a lot"


def test_good_rows_are_no_bad_rows() -> None:
    assert bad_rows(_block({}), "f").is_empty()
