from __future__ import annotations

from coadapt.data.sources.base import detect_source

CONTENT = (
    "1,2268318,2520377,pv,1511544070\n"
    "1,2333346,2520771,fav,1511561733\n"
    "1,2576651,149192,cart,1511572885\n"
    "1,2268318,2520377,buy,1511572999\n"
)


def test_it_is_known_by_its_first_line(write) -> None:
    assert detect_source(write("UserBehavior.csv", CONTENT)) == "taobao_userbehavior"


def test_behaviours_bear_our_names(read) -> None:
    events = read("taobao_userbehavior", "UserBehavior.csv.gz", CONTENT).events
    assert events["type"].to_list() == ["page_view", "like", "add_to_cart", "purchase"]


def test_times_are_seconds(read) -> None:
    events = read("taobao_userbehavior", "UserBehavior.csv", CONTENT).events
    assert events["timestamp"][0] == 1511544070000


def test_items_have_their_category(read) -> None:
    items = read("taobao_userbehavior", "UserBehavior.csv", CONTENT).item_table
    assert dict(items.iter_rows())["2576651"] == "149192"


def test_a_stray_time_makes_a_bad_row(read) -> None:
    table = read("taobao_userbehavior", "UserBehavior.csv", CONTENT + "1,2,3,pv,-2134949234\n")
    assert table.bad_rows["line"].to_list() == [5]
