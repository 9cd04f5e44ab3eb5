"""Events become rows and rows become columns, without losing or inventing anything."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.domain.errors import InvalidEventError
from coadapt.domain.events import Event
from coadapt.stores.base import EVENT_SCHEMA
from coadapt.stores.event_rows import (
    BODY_FIELDS,
    body_of,
    events_of,
    record_batch,
    rows_of,
    to_batch,
)
from coadapt.testing.stores import make_event

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(TEXT, parts, max_size=3),
    max_leaves=8,
)


@given(st.builds(Event, TEXT, TEXT, st.integers(-(2**60), 2**60), user_id=TEXT, item_id=TEXT))
def test_columns_come_back_as_they_were(event: Event) -> None:
    (row,) = record_batch([event], [7]).to_pylist()
    names = ("event_id", "type", "timestamp", "user_id", "item_id")
    assert [row[name] for name in names] == [getattr(event, name) for name in names]
    assert row["position"] == 7


@given(
    st.builds(
        Event,
        TEXT,
        TEXT,
        st.integers(0, 2**60),
        user_id=st.none() | TEXT,
        value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        quantity=st.none() | st.floats(0, 9),
        recommendation_id=st.none() | TEXT,
        context=st.dictionaries(TEXT, JSON, max_size=2),
        properties=st.dictionaries(TEXT, JSON, max_size=2),
    )
)
def test_an_event_comes_back_whole(event: Event) -> None:
    assert list(events_of(record_batch([event], [7]))) == [event]


@given(properties=st.dictionaries(TEXT, JSON, max_size=3))
def test_properties_come_back_as_they_were(properties: dict[str, Any]) -> None:
    body = body_of(make_event("a", properties=properties))
    assert ({} if body is None else json.loads(body)["properties"]) == properties


@pytest.mark.parametrize("name", [name for name in BODY_FIELDS if name != "quantity"])
def test_a_field_without_a_column_travels_in_the_body(name: str) -> None:
    value = {"k": "v"} if name in ("context", "properties") else "said"
    assert json.loads(body_of(make_event("a", **{name: value})) or "") == {name: value}


@pytest.mark.parametrize(("name", "value"), [("quantity", 0), ("position", 0), ("text", "")])
def test_zero_and_empty_text_are_something_said(name: str, value: object) -> None:
    assert json.loads(body_of(make_event("a", **{name: value})) or "") == {name: value}


def test_an_event_with_nothing_more_to_say_has_no_body() -> None:
    assert body_of(make_event("a")) is None


def test_every_field_of_an_event_has_its_place() -> None:
    columns = set(EVENT_SCHEMA.names) - {"position", "body"}
    assert columns | set(BODY_FIELDS) | {"digest"} == set(Event.__slots__)


def test_a_row_holds_the_columns_but_the_position_and_then_the_digest() -> None:
    (row,) = rows_of([make_event("a", digest="d", received_at=9)])
    assert row == ("default", "a", "page_view", 1_000, 9, "ann", None, "tea", None, None, "d")


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
@pytest.mark.parametrize("name", ["type", "user_id", "anonymous_id", "item_id", "project"])
def test_text_that_no_database_holds_is_refused_wherever_it_stands(name: str, text: str) -> None:
    with pytest.raises(InvalidEventError, match="well-formed Unicode"):
        rows_of([make_event("a"), make_event("b", **{name: text})])


def test_one_bad_event_refuses_them_all_and_is_not_repeated() -> None:
    with pytest.raises(InvalidEventError) as caught:
        rows_of([make_event("a"), make_event("b", item_id="secret\0")])
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("properties", [{"x": object()}, {"x": "\ud800"}])
def test_what_is_not_json_is_refused(properties: dict[str, Any]) -> None:
    with pytest.raises(InvalidEventError, match="JSON"):
        record_batch([make_event("a", properties=properties)], [1])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400])
def test_a_value_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(InvalidEventError, match="finite") as caught:
        record_batch([make_event("a", value=value)], [1])
    assert caught.value.field == "value"


def test_a_time_beyond_64_bits_is_refused() -> None:
    with pytest.raises(InvalidEventError, match="epoch ms"):
        record_batch([make_event("a", timestamp=2**63)], [1])


@pytest.mark.parametrize("time", [2**63 - 1, -(2**63) + 1, 0])
def test_times_up_to_64_bits_are_held(time: int) -> None:
    assert record_batch([make_event("a", timestamp=time)], [1])["timestamp"].to_pylist() == [time]


def test_a_missing_value_is_null_and_zero_is_zero() -> None:
    batch = record_batch([make_event("a"), make_event("b", value=0)], [1, 2])
    assert batch["value"].to_pylist() == [None, 0.0]


def test_no_rows_make_a_batch_of_the_schema() -> None:
    assert to_batch([]).schema == EVENT_SCHEMA


def test_each_event_needs_its_position() -> None:
    with pytest.raises(ValueError, match="zip"):
        record_batch([make_event("a"), make_event("b")], [1])
