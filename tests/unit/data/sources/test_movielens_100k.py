from __future__ import annotations

from coadapt.data.sources.base import detect_source, make_source

RATING = "196\t242\t3\t881250949\n"
FLAGS = "|".join(["0", "1", "0", "0", "0", "1"] + ["0"] * 13)


def test_it_is_known_by_its_first_line(write) -> None:
    assert detect_source(write("u.data", RATING).parent) == "movielens_100k"


def test_a_rating_is_a_rate_event_with_its_value(read) -> None:
    table = read("movielens_100k", "u.data", RATING)
    assert table.events.rows() == [("196", "242", "rate", 881250949000, 3.0, 1)]


def test_genre_flags_become_words(write) -> None:
    write("u.item", f"242|Caf\xe9 (1997)|24-Jan-1997||http://x|{FLAGS}\n".encode("latin-1"))
    table = make_source("movielens_100k").read(write("u.data", RATING))
    expected = ("242", "Café (1997)", "24-Jan-1997", "Action|Comedy")
    assert table.item_table.rows() == [expected]


def test_users_beside_it_are_read(write) -> None:
    write("u.user", "196|49|M|writer|55105\n")
    table = make_source("movielens_100k").read(write("u.data", RATING))
    assert table.user_table.rows() == [("196", "49", "M", "writer", "55105")]
