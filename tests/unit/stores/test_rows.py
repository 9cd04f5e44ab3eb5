from __future__ import annotations

import pytest

from coadapt.domain.errors import InvalidEventError
from coadapt.stores.base import EVENT_SCHEMA
from coadapt.stores.event_rows import body_of, record_batch
from coadapt.testing.stores import make_event


def test_an_event_with_nothing_more_to_say_has_no_body() -> None:
    assert body_of(make_event("a")) is None


def test_a_batch_of_events_is_what_a_scan_would_yield() -> None:
    batch = record_batch([make_event("a"), make_event("b", value=1)], [4, 9])
    assert batch.schema == EVENT_SCHEMA
    assert batch.column("position").to_pylist() == [4, 9]
    assert batch.column("value").to_pylist() == [None, 1.0]


def test_no_events_make_an_empty_batch() -> None:
    assert record_batch([], []).num_rows == 0


@pytest.mark.parametrize("properties", [{"x": object()}, {"x": "\ud800"}])
def test_what_is_not_json_is_refused(properties: dict) -> None:
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
