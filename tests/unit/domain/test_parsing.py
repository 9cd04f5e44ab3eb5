import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.domain.errors import ForbiddenError, InvalidEventError
from coadapt.domain.events import Event
from coadapt.domain.parsing import Arrival, parse_event

NOW_MS = 1_795_300_000_000
ARRIVAL = Arrival(NOW_MS, new_id=lambda: "made")
VIEW = {"type": "page_view", "user_id": "u-1", "item_id": "tea"}


def parse(**changes: Any) -> Event:
    return parse_event({**VIEW, **changes}, ARRIVAL)


def refusal_of(**changes: Any) -> InvalidEventError:
    with pytest.raises(InvalidEventError) as caught:
        parse(**changes)
    return caught.value


def test_an_event_without_id_and_time_gets_both_on_arrival() -> None:
    event = parse()
    assert (event.event_id, event.timestamp, event.received_at) == ("made", NOW_MS, NOW_MS)


def test_what_has_no_field_of_its_own_goes_to_the_properties() -> None:
    event = parse(room="live-4", properties={"b": 2})
    assert event.properties == {"room": "live-4", "b": 2}


def test_null_is_the_same_as_absent() -> None:
    assert parse(value=None, event_id=None).value is None


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"type": None}, "missing_field", "type"),
        ({"type": "Page View"}, "invalid_type", "type"),
        ({"type": 3}, "invalid_type", "type"),
        ({"type": "$item"}, "reserved_type", "type"),
        ({"user_id": None}, "missing_field", "user_id"),
        ({"user_id": ""}, "invalid_user_id", "user_id"),
        ({"value": math.nan}, "invalid_value", "value"),
        ({"value": True}, "invalid_value", "value"),
        ({"quantity": -1}, "invalid_quantity", "quantity"),
        ({"position": 1.5}, "invalid_position", "position"),
        ({"timestamp": "soon"}, "invalid_timestamp", "timestamp"),
        ({"timestamp": 1}, "invalid_timestamp", "timestamp"),
        ({"context": []}, "invalid_context", "context"),
        ({"properties": "x"}, "invalid_properties", "properties"),
        ({"properties": {"a": math.inf}}, "invalid_properties", "properties"),
        ({"\ud800": 1}, "invalid_properties", "properties"),
        ({"text": "a\x00"}, "invalid_text", "text"),
        ({"type": "scroll", "value": 1.01}, "invalid_value", "value"),
        ({"type": "user_engagement", "value": -1}, "invalid_value", "value"),
        ({"properties": {"a": "x" * 60_000, "b": "y" * 60_000}}, "too_large", "event"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], code: str, field: str) -> None:
    error = refusal_of(**changes)
    assert (error.code, error.field) == (code, field)


def test_nobodys_event_is_told_what_it_lacks() -> None:
    assert refusal_of(user_id=None).message == "user_id or anonymous_id is required"


def test_a_refusal_never_repeats_what_was_sent() -> None:
    assert "s3cret" not in refusal_of(value="s3cret").message


def test_replay_admits_any_time() -> None:
    arrival = Arrival(NOW_MS, new_id=lambda: "made", is_replay=True)
    assert parse_event({**VIEW, "timestamp": 1}, arrival).timestamp == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"value": 1}, {"value": 1.0}),
        ({"timestamp": 1795300000123}, {"timestamp": "2026-11-21T22:26:40.123Z"}),
        ({"context": {"a": 1, "b": [2.0]}}, {"context": {"b": [2], "a": 1.0}}),
    ],
)
def test_the_same_body_in_another_form_has_the_same_digest(first: Any, second: Any) -> None:
    assert parse(**first).digest == parse(**second).digest


@pytest.mark.parametrize("changes", [{"value": 1}, {"item_id": "cup"}, {"context": {"a": 1}}])
def test_another_body_has_another_digest(changes: dict[str, Any]) -> None:
    assert parse(**changes).digest != parse().digest


def test_defaults_do_not_enter_the_digest() -> None:
    later = Arrival(NOW_MS + 1, new_id=lambda: "other")
    assert parse_event(VIEW, later).digest == parse().digest


def test_the_callers_project_goes_before_the_events() -> None:
    arrival = Arrival(NOW_MS, new_id=lambda: "made", project="mine")
    assert parse_event({**VIEW, "project": "theirs"}, arrival).project == "mine"


def test_a_key_refuses_events_of_another_project() -> None:
    arrival = Arrival(NOW_MS, new_id=lambda: "made", project="mine", is_bound=True)
    with pytest.raises(ForbiddenError):
        parse_event({**VIEW, "project": "theirs"}, arrival)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts),
    max_leaves=10,
)


def outcome_of(body: dict[str, Any]) -> str | None:
    try:
        return parse_event(body, ARRIVAL).digest
    except InvalidEventError as error:
        return error.field


@given(st.dictionaries(st.sampled_from([*VIEW, "value", "context", "timestamp"]) | st.text(), JSON))
def test_any_json_is_either_an_event_or_refused_by_field(body: dict[str, Any]) -> None:
    assert outcome_of(body)
