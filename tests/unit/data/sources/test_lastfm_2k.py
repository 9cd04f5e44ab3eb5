from __future__ import annotations

import pytest

from coadapt.data.sources.base import detect_source, make_source

PLAYS = "userID\tartistID\tweight\n2\t51\t13883\n2\t52\t11690\n"


@pytest.fixture
def folder(write):
    write("artists.dat", "id\tname\turl\tpictureURL\n51\tDuran Duran\thttp://d\thttp://p\n")
    write("user_friends.dat", "userID\tfriendID\n2\t3\n3\t2\n")
    write("tags.dat", "tagID\ttagValue\n1\tpop\n2\tnew wave\n")
    taggings = "2\t51\t2\t1\t4\t2009\n3\t51\t2\t1\t4\t2009\n3\t51\t1\t1\t4\t2009\n"
    header = "userID\tartistID\ttagID\tday\tmonth\tyear\n"
    write("user_taggedartists.dat.gz", header + taggings)
    return write("user_artists.dat.gz", PLAYS).parent


def test_it_is_known_by_its_header(folder) -> None:
    assert detect_source(folder) == "lastfm_2k"


def test_a_play_count_is_a_play_event_with_its_value(folder) -> None:
    events = make_source("lastfm_2k").read(folder).events
    assert events.select("user_id", "item_id", "type", "value").rows()[0] == (
        "2",
        "51",
        "play",
        13883.0,
    )


def test_the_order_of_the_file_stands_for_time(folder) -> None:
    table = make_source("lastfm_2k").read(folder)
    assert (table.has_times, table.events["timestamp"].to_list()) == (False, [2, 3])


def test_an_artists_category_is_its_most_frequent_tag(folder) -> None:
    items = make_source("lastfm_2k").read(folder).item_table
    assert items.select("item_id", "title", "category").rows() == [
        ("51", "Duran Duran", "new wave")
    ]


def test_friends_are_ties(folder) -> None:
    assert make_source("lastfm_2k").read(folder).ties.rows() == [("2", "3"), ("3", "2")]


def test_the_plays_alone_are_enough(read) -> None:
    table = read("lastfm_2k", "user_artists.dat", PLAYS)
    assert (table.events.height, table.item_table, table.ties) == (2, None, None)
