import polars as pl
import pytest

from coadapt.data.stream import Stream
from coadapt.domain.errors import DataError


def frame(**columns: list) -> pl.DataFrame:
    n_rows = len(next(iter(columns.values())))
    defaults = {"user_id": ["a"] * n_rows, "type": ["purchase"] * n_rows}
    return pl.DataFrame({**defaults, "timestamp": list(range(n_rows)), **columns})


def test_events_are_in_order_of_arrival() -> None:
    stream = Stream.from_frame(frame(received_at=[5, 3, 4]))
    assert stream.received.tolist() == [3, 4, 5]
    assert stream.times.tolist() == [1, 2, 0]


def test_an_event_without_item_or_value_is_kept() -> None:
    stream = Stream.from_frame(frame(item_id=[None, "x"], value=[None, 2.0]))
    assert stream.items.tolist() == [-1, 0]
    assert stream.values[1] == 2.0


def test_known_at_an_instant_is_what_happened_and_arrived() -> None:
    stream = Stream.from_frame(frame(timestamp=[1, 9, 1], received_at=[1, 2, 9]))
    assert stream.known_at(2).times.tolist() == [1]


def test_mixed_currencies_are_refused() -> None:
    with pytest.raises(DataError, match="several currencies \\(CNY, EUR\\)"):
        Stream.from_frame(frame(value=[1.0, 2.0], currency=["EUR", "CNY"]))


def test_a_table_of_rates_makes_one_currency() -> None:
    events = frame(value=[1.0, 2.0, 3.0], currency=["EUR", "CNY", None])
    assert Stream.from_frame(events, {"EUR": 8.0, "CNY": 1.0}).values.tolist() == [8.0, 2.0, 3.0]


def test_a_currency_without_a_rate_is_named() -> None:
    with pytest.raises(DataError, match="none for CNY"):
        Stream.from_frame(frame(value=[2.0], currency=["CNY"]), {"EUR": 8.0})


def test_a_row_without_a_user_is_refused() -> None:
    with pytest.raises(DataError, match="needs a user_id"):
        Stream.from_frame(frame(user_id=["a", None]))


def test_batches_give_every_event_once() -> None:
    stream = Stream.from_frame(frame(timestamp=[0, 1, 2, 3, 4]))
    assert [len(part) for part in stream.batches(2)] == [2, 2, 1]
