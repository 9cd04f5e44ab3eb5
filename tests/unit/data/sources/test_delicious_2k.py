from __future__ import annotations

import pytest

from coadapt.data.sources.base import detect_source, make_source
from coadapt.domain.errors import DataError

STAMPED = "userID\tbookmarkID\ttagID\ttimestamp\n8\t1\t1\t1289255362000\n8\t1\t2\t1289255362000\n"
DATED = (
    "userID\tbookmarkID\ttagID\tday\tmonth\tyear\thour\tminute\tsecond\n"
    "8\t1\t1\t8\t11\t2010\t23\t29\t22\n"
)


@pytest.mark.parametrize(
    ("name", "content"),
    [("user_taggedbookmarks-timestamps.dat", STAMPED), ("user_taggedbookmarks.dat", DATED)],
)
def test_both_forms_are_known(write, name, content) -> None:
    assert detect_source(write(name, content).parent) == "delicious_2k"


def test_the_tags_of_a_bookmark_are_one_event(read) -> None:
    table = read("delicious_2k", "user_taggedbookmarks-timestamps.dat", STAMPED)
    assert table.events.rows() == [("8", "1", "bookmark", 1289255362000, None, 2)]
    assert table.n_rows_read == 2


def test_each_tag_can_be_an_event(read) -> None:
    table = read("delicious_2k", "t.dat", STAMPED, one_event_a_bookmark=False)
    assert table.events.height == 2


def test_a_date_in_parts_is_taken_as_utc(read) -> None:
    table = read("delicious_2k", "user_taggedbookmarks.dat", DATED)
    assert table.events["timestamp"].to_list() == [1289258962000]


def test_an_impossible_date_makes_a_bad_row(read) -> None:
    table = read("delicious_2k", "t.dat", DATED + "8\t2\t1\t31\t2\t2010\t0\t0\t0\n")
    assert table.bad_rows["line"].to_list() == [3]


def test_contacts_are_ties_and_urls_describe_items(write) -> None:
    write("user_contacts-timestamps.dat", "userID\tcontactID\ttimestamp\n8\t9\t1289255362000\n")
    header = "id\tmd5\ttitle\turl\tmd5Principal\turlPrincipal\n"
    write("bookmarks.dat", f"{header}1\tab\tTea\thttp://t/a\tcd\tt\n")
    table = make_source("delicious_2k").read(write("user_taggedbookmarks.dat", DATED))
    assert table.ties.rows() == [("8", "9")]
    assert table.item_table.rows() == [("1", "Tea", "t", "http://t/a")]


def test_contacts_of_another_form_are_refused(write) -> None:
    write("user_contacts.dat", "who\twhom\n8\t9\n")
    with pytest.raises(DataError, match="contactID"):
        make_source("delicious_2k").read(write("user_taggedbookmarks.dat", DATED))
