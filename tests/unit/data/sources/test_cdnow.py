from __future__ import annotations

import pytest

from coadapt.data.sources.base import detect_source
from coadapt.data.stream import Stream

MASTER = (
    " customer_id  date number_of_cds  dollar_value\r\n"
    " 00001 19970101  1   11.77\r\n"
    " 00002 19970112  5   77.00\r\n"
)
SAMPLE = " 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  2   29.73\r\n"


@pytest.mark.parametrize(
    ("name", "content"), [("CDNOW_master.txt", MASTER), ("CDNOW_sample.txt.gz", SAMPLE)]
)
def test_both_files_are_known(write, name, content) -> None:
    assert detect_source(write(name, content)) == "cdnow"


def test_a_row_is_a_purchase_in_dollars(read) -> None:
    events = read("cdnow", "CDNOW_master.txt", MASTER).events
    assert events.select("user_id", "type", "value", "quantity", "currency").rows() == [
        ("00001", "purchase", 11.77, 1.0, "USD"),
        ("00002", "purchase", 77.0, 5.0, "USD"),
    ]


def test_dates_are_midnights(read) -> None:
    events = read("cdnow", "CDNOW_master.txt", MASTER).events
    assert events["timestamp"].to_list() == [852_076_800_000, 853_027_200_000]


def test_the_sample_names_customers_as_the_master_does(read) -> None:
    events = read("cdnow", "CDNOW_sample.txt", SAMPLE).events
    assert events["user_id"].to_list() == ["00004", "00004"]


def test_quantities_reach_the_stream(read) -> None:
    stream = Stream.from_frame(read("cdnow", "CDNOW_master.txt", MASTER).events)
    assert stream.quantities.tolist() == [1.0, 5.0]


def test_an_impossible_date_makes_a_bad_row(read) -> None:
    table = read("cdnow", "CDNOW_master.txt", MASTER + " 00003 19970231  1   11.77\r\n")
    assert table.bad_rows["reason"].to_list() == ["timestamp is not a time between 1990 and 2100"]


def test_a_row_of_another_form_is_bad(read) -> None:
    table = read("cdnow", "CDNOW_master.txt", MASTER + " 00003 19970201  1\r\n")
    assert table.bad_rows["line"].to_list() == [4]
