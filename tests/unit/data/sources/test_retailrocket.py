from __future__ import annotations

from coadapt.data.sources.base import detect_source

CONTENT = (
    "timestamp,visitorid,event,itemid,transactionid\n"
    "1433221332117,257597,view,355908,\n"
    "1433224214164,992329,addtocart,248676,\n"
    "1433221332118,599528,transaction,356475,4000\n"
)


def test_it_is_known_by_its_header(write) -> None:
    assert detect_source(write("events.csv", CONTENT)) == "retailrocket"


def test_events_bear_our_names(read) -> None:
    table = read("retailrocket", "events.csv.gz", CONTENT)
    assert table.events["type"].to_list() == ["page_view", "add_to_cart", "purchase"]
    assert table.events.row(0)[:4] == ("257597", "355908", "page_view", 1433221332117)


def test_an_unknown_event_makes_a_bad_row(read) -> None:
    table = read("retailrocket", "events.csv", CONTENT + "1433221332117,1,wink,2,\n")
    assert table.bad_rows.rows() == [("events.csv", 5, "no known event type")]


def test_a_row_without_an_item_is_bad(read) -> None:
    table = read("retailrocket", "events.csv", CONTENT + "1433221332117,1,view,,\n")
    assert table.bad_rows["reason"].to_list() == ["no item id"]
