from __future__ import annotations

from coadapt.data.sources.base import detect_source, make_source


def test_it_is_known_by_its_first_line(write) -> None:
    assert detect_source(write("any_name", "1::1193::5::978300760\n")) == "movielens_1m"


def test_a_rating_is_a_rate_event_with_its_value(read) -> None:
    table = read("movielens_1m", "ratings.dat", "1::1193::5::978300760\n")
    expected = ("1", "1193", "rate", 978300760000, 5.0, 1)
    assert table.events.rows() == [expected]


def test_films_and_users_beside_it_are_read(write) -> None:
    write("movies.dat", "2::Am\xe9lie (2001)::Comedy|Romance\n".encode("latin-1"))
    write("users.dat", "1::F::1::10::48067\n")
    table = make_source("movielens_1m").read(write("ratings.dat", "1::2::5::978300760\n").parent)
    assert table.item_table.rows() == [("2", "Amélie (2001)", "Comedy|Romance")]
    assert table.user_table["occupation"].to_list() == ["10"]


def test_a_bad_film_is_reported_under_its_file(write) -> None:
    write("movies.dat", "2::Heat::Crime\nnonsense\n")
    table = make_source("movielens_1m").read(write("ratings.dat", "1::2::5::978300760\n"))
    assert table.bad_rows.rows() == [("movies.dat", 2, "3 columns expected, 1 found")]
