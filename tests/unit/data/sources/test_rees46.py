from __future__ import annotations

import pytest

from coadapt.data.sources.base import detect_source, make_source
from coadapt.domain.errors import DataError

HEADER = (
    "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
)
VIEW = "2019-10-01 00:00:00 UTC,view,44,21,,shiseido,35.79,54,72d7\n"
BUY = "2019-10-01 00:00:09 UTC,purchase,44,21,care.face,shiseido,33.00,54,72d7\n"


def test_it_is_known_by_its_header(write) -> None:
    assert detect_source(write("2019-Oct.csv.gz", HEADER + VIEW).parent) == "rees46"


def test_times_are_utc(read) -> None:
    assert read("rees46", "m.csv", HEADER + VIEW).events["timestamp"].to_list() == [1569888000000]


def test_only_carts_and_purchases_are_worth_the_price(read) -> None:
    events = read("rees46", "m.csv", HEADER + VIEW + BUY).events
    assert events.select("type", "value").rows() == [("page_view", None), ("purchase", 33.0)]


def test_an_item_is_described_by_its_last_event(read) -> None:
    table = read("rees46", "m.csv", HEADER + VIEW + BUY)
    assert table.item_table.rows() == [("44", "care.face", "shiseido", 33.0)]


def test_a_last_row_that_was_cut_off_is_bad(read) -> None:
    table = read("rees46", "m.csv", HEADER + VIEW + BUY[:-6])
    assert table.bad_rows.rows() == [("m.csv", 3, "9 columns expected, 8 found")]


def test_a_folder_of_two_months_asks_for_one(write) -> None:
    write("2019-Oct.csv", HEADER + VIEW)
    folder = write("2019-Nov.csv", HEADER + VIEW).parent
    with pytest.raises(DataError, match="name the file"):
        make_source("rees46").read(folder)
