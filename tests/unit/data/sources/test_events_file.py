from __future__ import annotations

import json
from datetime import UTC, datetime

import polars as pl
import pytest

from coadapt.data.sources.base import detect_source, make_source
from coadapt.domain.errors import ConfigError, DataError

HEADER = "user_id,item_id,type,timestamp,value\n"
ROW = "u,i,purchase,1700000000,9.5\n"
EVENT = ("u", "i", "purchase", 1700000000000, 9.5)
JSON = '{"user_id": "u", "item_id": "i", "type": "purchase", "timestamp": 1700000000, "value": 9.5}'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.csv", HEADER + ROW),
        ("e.csv.gz", HEADER + ROW),
        ("e.tsv", (HEADER + ROW).replace(",", "\t")),
        ("e.csv", (HEADER + ROW).replace(",", ";")),
        ("e.jsonl", JSON + "\n"),
        ("e.jsonl.gz", JSON + "\n"),
    ],
)
def test_files_with_our_names_need_no_mapping(write, name, content) -> None:
    path = write(name, content)
    table = make_source(detect_source(path)).read(path)
    assert table.events.drop("line").rows() == [EVENT]


def test_parquet_needs_no_mapping(tmp_path) -> None:
    path = tmp_path / "e.parquet"
    time = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    columns = {"user_id": ["u"], "item_id": ["i"], "type": ["purchase"]}
    pl.DataFrame(columns | {"timestamp": [time], "value": [9.5]}).write_parquet(path)
    assert make_source(detect_source(path)).read(path).events.rows() == [(*EVENT, 1)]


def test_a_mapping_names_the_columns(read) -> None:
    names = {"user_id": "who", "item_id": "what", "timestamp": "when", "constant_type": "like"}
    table = read("events_file", "e.csv", "who,what,when\na,b,1700000000\n", **names)
    assert table.events.row(0)[:4] == ("a", "b", "like", 1700000000000)


def test_a_mapping_renames_types(read) -> None:
    table = read("events_file", "e.csv", HEADER + ROW, type_names={"purchase": "refund"})
    assert table.events["type"].to_list() == ["refund"]


def test_a_file_without_a_header_is_told_its_columns(read) -> None:
    options = {"columns": ["user_id", "item_id"], "timestamp": ""}
    table = read("events_file", "e.tsv", "a\tb\n", **options)
    assert (table.events["item_id"].to_list(), table.has_times) == (["b"], False)


@pytest.mark.parametrize(
    "time",
    [
        "1700000000",
        "1700000000.0",
        "1700000000000",
        "1700000000000000",
        "2023-11-14T22:13:20Z",
        "2023-11-14T23:13:20+01:00",
        "2023-11-14 22:13:20",
        "2023-11-14 22:13:20 UTC",
        "2023-11-14T22:13:20.000",
    ],
)
def test_times_are_understood_in_their_common_spellings(read, time) -> None:
    table = read("events_file", "e.csv", f"user_id,item_id,timestamp\nu,i,{time}\n")
    assert table.events["timestamp"].to_list() == [1700000000000]


@pytest.mark.parametrize(
    ("time", "expected"), [("2023-11-14", 1699920000000), ("2023-11-14T22:13", 1699999980000)]
)
def test_shortened_times_begin_their_day_or_minute(read, time, expected) -> None:
    table = read("events_file", "e.csv", f"user_id,item_id,timestamp\nu,i,{time}\n")
    assert table.events["timestamp"].to_list() == [expected]


def test_a_stated_unit_is_believed(read) -> None:
    with pytest.raises(DataError, match="timestamp"):
        read("events_file", "e.csv", HEADER + ROW, time_unit="ms")


def test_an_event_may_have_no_item(read) -> None:
    table = read("events_file", "e.csv", f"{HEADER}u,,session_end,1700000000,\n")
    assert table.events.row(0)[:3] == ("u", None, "session_end")


def test_a_quoted_field_may_hold_separators_and_quotes(read) -> None:
    table = read("events_file", "e.csv", f'{HEADER}"a, ""b""",i,like,1700000000,\n')
    assert table.events["user_id"].to_list() == ['a, "b"']


def test_a_quoted_field_may_span_lines_and_line_numbers_stay_exact(read) -> None:
    content = f'user_id,item_id,timestamp,note\nu,i,1700000000,"two\nlines"\n{"v,i,1700000000,"}\n'
    assert read("events_file", "e.csv", content).events["line"].to_list() == [2, 4]


def test_a_stray_quote_swallows_no_rows(read) -> None:
    table = read("events_file", "e.csv", f'{HEADER}u,"i,like,1700000000,\n{ROW * 3}')
    assert table.events["item_id"].to_list() == ['"i', "i", "i", "i"]


def test_a_quote_inside_a_field_makes_a_bad_row(read) -> None:
    table = read("events_file", "e.csv", f'{HEADER}"u"x,i,like,1700000000,\n{ROW}')
    assert table.bad_rows.rows() == [("e.csv", 2, "a quote stands inside a field")]


def test_a_record_that_quotes_tore_apart_says_how_many_lines_it_took(read) -> None:
    content = f'{HEADER}u,"i,like,1700000000,\n{ROW}u,i,like",1700000000,5\n{ROW}'
    reason = "a quote opens a record of 3 lines that does not fit"
    assert read("events_file", "e.csv", content).bad_rows.rows() == [("e.csv", 2, reason)]


def test_a_missing_column_is_named_with_the_way_out(read) -> None:
    with pytest.raises(ConfigError, match=r"no column for timestamp.*mapping"):
        read("events_file", "e.csv", "user_id,item_id\nu,i\n")


def test_a_column_that_the_mapping_names_must_be_there(read) -> None:
    with pytest.raises(ConfigError, match="no column for value"):
        read("events_file", "e.csv", HEADER + ROW, value="amount")


def test_two_columns_of_one_name_are_refused(read) -> None:
    with pytest.raises(DataError, match="same name"):
        read("events_file", "e.csv", "user_id,user_id,timestamp\nu,i,1700000000\n")


def test_a_format_that_the_name_does_not_tell_is_asked_for(read) -> None:
    with pytest.raises(ConfigError, match="set format"):
        read("events_file", "events.log", HEADER + ROW)


def test_a_file_that_is_no_parquet_is_named(read) -> None:
    with pytest.raises(DataError, match="not a Parquet file"):
        read("events_file", "e.parquet", "hello")


def test_a_folder_is_refused(tmp_path) -> None:
    with pytest.raises(DataError, match="name one file"):
        make_source("events_file").read(tmp_path)


def test_a_json_line_with_an_impossible_number_makes_a_bad_row(read) -> None:
    table = read("events_file", "e.jsonl", f"{JSON}\n{JSON.replace('9.5', '1e999')}\n")
    assert table.bad_rows["line"].to_list() == [2]


@pytest.mark.parametrize("column", ["line", "reason", "text", "has_value", "record", "type_"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_column_may_bear_any_name(read, column, quote) -> None:
    content = f"{column},item_id,timestamp\n{quote}u{quote},i,1700000000\n"
    assert read("events_file", "e.csv", content, user_id=column).events["user_id"][0] == "u"


@pytest.mark.parametrize("field", ["line", "reason", "text", "a b", "user.id", "it's"])
def test_a_json_field_may_bear_any_name(read, field) -> None:
    content = json.dumps({field: "u", "item_id": "i", "timestamp": 1700000000})
    assert read("events_file", "e.jsonl", content, user_id=field).events["user_id"][0] == "u"


def test_a_field_that_only_late_lines_have_is_read(read) -> None:
    early = '{"user_id": "u", "type": "page_view", "timestamp": 1700000000}\n'
    table = read("events_file", "e.jsonl", early * 25 + JSON + "\n")
    assert table.events["value"].to_list() == [None] * 25 + [9.5]
    assert table.events["item_id"].to_list() == [None] * 25 + ["i"]


def test_a_type_that_only_some_lines_have_makes_the_others_bad_rows(read) -> None:
    early = '{"user_id": "u", "item_id": "i", "timestamp": 1700000000}\n'
    table = read("events_file", "e.jsonl", early * 25 + JSON + "\n")
    assert table.bad_rows["reason"].to_list() == ["no known event type"] * 25


def test_a_mapped_field_that_no_line_has_is_named(read) -> None:
    with pytest.raises(ConfigError, match="no column for value"):
        read("events_file", "e.jsonl", JSON + "\n", value="worth")


@pytest.mark.parametrize("name", ["e.csv", "e.jsonl"])
def test_money_pieces_and_hosts_are_kept(read, name) -> None:
    head = "user_id,item_id,type,timestamp,value,currency,quantity,host_id\n"
    csv = head + "u,i,purchase,1700000000,9.5,JPY,2,h\nu,i,purchase,1700000000,1,,two,\n"
    more = ', "currency": "JPY", "quantity": 2, "host_id": "h"}'
    jsonl = JSON[:-1] + more + "\n" + JSON[:-1] + ', "quantity": "two"}\n'
    table = read("events_file", name, csv if name == "e.csv" else jsonl)
    found = table.events.select("currency", "quantity", "host_id").rows()
    assert found == [("JPY", 2.0, "h")]
    assert table.bad_rows["reason"].to_list() == ["quantity is not a number"]


def test_a_column_of_lists_is_named_as_such(tmp_path) -> None:
    path = tmp_path / "e.parquet"
    columns = {"user_id": ["u"], "item_id": ["i"], "timestamp": [1700000000], "value": [[1.0]]}
    pl.DataFrame(columns).write_parquet(path)
    with pytest.raises(DataError, match="a column is neither text, numbers nor times"):
        make_source("events_file").read(path)
