from __future__ import annotations

import pytest

from coadapt.data.sources.base import detect_source, make_source
from coadapt.domain.errors import DataError

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
BUY = '536370,22728,"CLOCK, PINK",24,2010-12-01 08:45:00,3.75,12583.0,France\n'
CANCEL = "C536383,22728,CLOCK,-2,2010-12-02 09:49:00,3.75,12583.0,France\n"
NOBODY = "536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom\n"


def events(read, content):
    return read("uci_online_retail", "retail.csv", HEADER + content).events


def test_it_is_known_by_its_header(write) -> None:
    assert detect_source(write("retail.csv", HEADER + BUY).parent) == "uci_online_retail"


def test_a_line_item_is_a_purchase_worth_quantity_times_price(read) -> None:
    row = events(read, BUY).select("user_id", "item_id", "type", "value", "quantity").row(0)
    assert row == ("12583", "22728", "purchase", 90.0, 24.0)


def test_a_cancellation_is_a_refund(read) -> None:
    row = events(read, CANCEL).select("type", "value", "quantity", "transaction_id").row(0)
    assert row == ("refund", 7.5, 2.0, "C536383")


def test_values_are_pounds(read) -> None:
    assert events(read, BUY)["currency"].to_list() == ["GBP"]


def test_an_item_is_described_by_its_last_event(read) -> None:
    table = read("uci_online_retail", "retail.csv", HEADER + BUY + CANCEL)
    assert table.item_table.rows() == [("22728", "CLOCK")]


def test_a_row_without_a_customer_is_bad(read) -> None:
    table = read("uci_online_retail", "retail.csv", HEADER + BUY + NOBODY)
    assert table.bad_rows.rows() == [("retail.csv", 3, "no user id")]


def test_an_amount_that_is_no_number_makes_a_bad_row(read) -> None:
    table = read("uci_online_retail", "retail.csv", HEADER + BUY + BUY.replace("3.75", "free"))
    assert table.bad_rows["reason"].to_list() == ["value is not a number"]


def test_a_folder_of_two_files_asks_for_one(write) -> None:
    write("a.csv", HEADER + BUY)
    folder = write("b.csv", HEADER + BUY).parent
    with pytest.raises(DataError, match="name the file"):
        make_source("uci_online_retail").read(folder)


def test_an_american_spreadsheets_times_are_understood(read) -> None:
    iso = events(read, BUY)["timestamp"]
    american = events(read, BUY.replace("2010-12-01 08:45:00", "12/1/2010 8:45"))["timestamp"]
    assert american.equals(iso)
