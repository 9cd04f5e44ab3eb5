"""The log becomes training data: interest only, one id a person, nobody who opted out."""

import json
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from coadapt.data.log import table_from_log
from coadapt.domain.errors import EmptyDataError

COLUMNS = {
    "position": pl.Int64,
    "type": pl.String,
    "timestamp": pl.Int64,
    "user_id": pl.String,
    "anonymous_id": pl.String,
    "item_id": pl.String,
    "value": pl.Float64,
    "body": pl.String,
}


def log(*events: dict[str, Any]) -> list[pa.RecordBatch]:
    rows = [{"position": n, "timestamp": n * 1000, **event} for n, event in enumerate(events, 1)]
    return pl.DataFrame(rows, schema=COLUMNS).to_arrow().to_batches()


def view(item: str, user: str | None = "u", anonymous: str | None = None) -> dict[str, Any]:
    return {"type": "page_view", "user_id": user, "anonymous_id": anonymous, "item_id": item}


def test_events_of_interest_are_kept_in_log_order() -> None:
    read = table_from_log(log(view("a"), {**view("b"), "type": "session_end"}, view("c")))
    assert read.table.events["item_id"].to_list() == ["a", "c"]
    assert (read.first_position, read.last_position) == (1, 3)


def test_an_unknown_type_counts_as_a_view() -> None:
    read = table_from_log(log({**view("a"), "type": "sticker_sent"}))
    assert read.table.events["item_id"].to_list() == ["a"]


def test_an_anonymous_past_counts_as_the_users_once_linked() -> None:
    read = table_from_log(log(view("a", None, "x"), view("b", "u", "x"), view("c", None, "y")))
    assert read.table.events["user_id"].to_list() == ["u:u", "u:u", "a:y"]


def test_who_opted_out_is_left_out() -> None:
    no = {
        "type": "$consent",
        "user_id": "u",
        "body": json.dumps({"properties": {"personalization": False}}),
    }
    read = table_from_log(log(view("a"), no, view("b", "w")))
    assert read.table.events["user_id"].to_list() == ["u:w"]


def test_who_opted_in_again_is_back() -> None:
    words = [json.dumps({"properties": {"personalization": yes}}) for yes in (False, True)]
    consents = [{"type": "$consent", "user_id": "u", "body": word} for word in words]
    read = table_from_log(log(view("a"), *consents))
    assert len(read.table.events) == 1


def test_an_item_is_described_by_its_newest_words() -> None:
    bodies = [json.dumps({"properties": {"title": title}}) for title in ("Old tea", "Tea")]
    items = [{"type": "$item", "item_id": "a", "body": body} for body in bodies]
    table = table_from_log(log(view("a"), *items)).table.item_table
    assert table is not None
    assert table.select("item_id", "title").rows() == [("a", "Tea")]


def test_a_shared_device_is_its_latest_users_and_its_past_the_first_ones() -> None:
    events = [view("p", None, "x"), view("a", "A", "x"), view("b", "B", "x"), view("c", None, "x")]
    read = table_from_log(log(*events))
    assert read.table.events["user_id"].to_list() == ["u:A", "u:A", "u:B", "u:B"]


def test_a_visitors_no_is_that_of_whoever_they_turn_out_to_be() -> None:
    no = {
        "type": "$consent",
        "anonymous_id": "x",
        "body": json.dumps({"properties": {"personalization": False}}),
    }
    read = table_from_log(log(no, view("a", "A", "x"), view("b", "B", "x")))
    assert read.table.events["user_id"].to_list() == ["u:B"]


def test_newer_events_alone_still_know_who_is_who_and_who_said_no() -> None:
    no = {
        "type": "$consent",
        "user_id": "u",
        "body": json.dumps({"properties": {"personalization": False}}),
    }
    item = {"type": "$item", "item_id": "c", "body": json.dumps({"properties": {"title": "Tea"}})}
    events = [no, item, view("a", "w", "x"), view("b", "u"), view("c", None, "x")]
    read = table_from_log(log(*events), after=3)
    assert read.table.events.select("user_id", "item_id").rows() == [("u:w", "c")]
    assert (read.first_position, read.last_position) == (4, 5)
    assert read.table.item_table is not None
    with pytest.raises(EmptyDataError, match="after position 9"):
        table_from_log(log(*events), after=9)


def test_an_empty_log_says_what_to_do() -> None:
    with pytest.raises(EmptyDataError, match="POST /v1/events"):
        table_from_log([])
