from __future__ import annotations

import gzip

import pytest

from coadapt.data.sources.base import detect_source, make_source, source_names
from coadapt.domain.errors import ConfigError, DataError, EmptyDataError, UnknownPluginError

RATING = "1::2::3::978300019\n"
HEADER = "user_id,item_id,type,timestamp\n"


def test_every_source_can_be_made_by_name() -> None:
    assert all(make_source(name).Config for name in source_names())


def test_an_unknown_source_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownPluginError, match="movielens_1m"):
        make_source("netflix")


def test_an_unknown_option_is_named() -> None:
    with pytest.raises(ConfigError, match="n_planets"):
        make_source("synthetic", {"n_planets": 9})


def test_a_path_that_does_not_exist_is_named(tmp_path) -> None:
    with pytest.raises(DataError, match="nowhere does not exist"):
        detect_source(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["ratings.dat", "ratings.dat.gz"])
def test_plain_and_gzipped_files_read_alike(read, name) -> None:
    assert read("movielens_1m", name, RATING).events["item_id"].to_list() == ["2"]


def test_gzip_is_told_by_content_and_not_by_name(write) -> None:
    path = write("ratings.dat", gzip.compress(RATING.encode()))
    assert detect_source(path) == "movielens_1m"


def test_a_folder_of_no_known_form_names_the_sources(tmp_path) -> None:
    with pytest.raises(DataError, match=r"no known form.*retailrocket"):
        detect_source(tmp_path)


def test_a_folder_of_two_forms_names_both(write) -> None:
    write("ratings.dat", RATING)
    folder = write("u.data", "1\t2\t3\t881250949\n").parent
    with pytest.raises(DataError, match="name one of: movielens_100k, movielens_1m"):
        detect_source(folder)


def test_a_folder_without_the_file_is_told_which_one(tmp_path) -> None:
    with pytest.raises(DataError, match=r"holds no ratings\.dat"):
        make_source("movielens_1m").read(tmp_path)


def test_an_empty_file_is_named(write) -> None:
    with pytest.raises(EmptyDataError, match=r"ratings\.dat is empty"):
        detect_source(write("ratings.dat", ""))


def test_a_binary_file_is_named(write) -> None:
    with pytest.raises(DataError, match="not a text file"):
        make_source("movielens_1m").read(write("ratings.dat", b"\0\1\2"))


def test_a_cut_off_gzip_is_named(write) -> None:
    whole = gzip.compress(RATING.encode() * 9999)
    with pytest.raises(DataError, match="cut off gzip"):
        make_source("movielens_1m").read(write("ratings.dat", whole[:-20]))


def test_a_file_of_something_else_says_what_was_expected(read) -> None:
    with pytest.raises(DataError, match="line 1: 4 columns expected, 1 found"):
        read("movielens_1m", "ratings.dat", "hello\nworld\n")


def test_another_header_says_what_was_expected(read) -> None:
    with pytest.raises(DataError, match=r"line 1: expected the header timestamp,visitorid"):
        read("retailrocket", "events.csv", "a,b\n1,2\n")


def test_a_header_alone_holds_no_events(read) -> None:
    with pytest.raises(DataError, match="not one row"):
        read("events_file", "e.csv", HEADER)


def test_reading_reports_progress(write) -> None:
    seen = []
    path = write("ratings.dat", RATING)
    make_source("movielens_1m").read(path, lambda done, total, _: seen.append((done, total)))
    assert seen == [(len(RATING), len(RATING))]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",i,like,1700000000", "no user id"),
        ("u" * 257 + ",i,like,1700000000", "user id is longer than 256 characters"),
        ("u\a,i,like,1700000000", "user id holds a control character"),
        ("u,i\x7f,like,1700000000", "item id holds a control character"),
        ("u,i,,1700000000", "no known event type"),
        ("u,i,Not A Type,1700000000", "invalid event type"),
        ("u,i,like,yesterday", "timestamp is not a time between 1990 and 2100"),
        ("u,i,like,NaN", "timestamp is not a time between 1990 and 2100"),
        ("u,i,like,5", "timestamp is not a time between 1990 and 2100"),
        ("u,i,like", "4 columns expected, 3 found"),
        ("u,i,like,1700000000,9", "4 columns expected, 5 found"),
        ("", "empty line"),
    ],
)
def test_a_bad_row_is_reported_with_line_and_reason(read, row, reason) -> None:
    good = "u,i,like,1700000000\n"
    table = read("events_file", "e.csv", f"{HEADER}{good}{row}\n{good}")
    assert table.bad_rows.rows() == [("e.csv", 3, reason)]
    assert (table.n_rows_read, table.events["line"].to_list()) == (3, [2, 4])


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("much", "value is not a number"),
        ("nan", "value is not finite"),
        ("inf", "value is not finite"),
        ("1e999", "value is not finite"),
    ],
)
def test_a_value_that_is_no_finite_number_makes_a_bad_row(read, value, reason) -> None:
    table = read("movielens_1m", "r.dat", f"{RATING}1::2::{value}::978300019\n")
    assert table.bad_rows.rows() == [("r.dat", 2, reason)]


def test_text_that_is_not_utf_8_makes_a_bad_row(write) -> None:
    rows = f"{HEADER}caf\xe9,i,like,1700000000\nu,i,like,1700000000\n"
    table = make_source("events_file").read(write("e.csv", rows.encode("latin-1")))
    assert table.bad_rows.rows() == [("e.csv", 2, "user id is not well-formed text")]


def test_ids_with_slashes_quotes_and_emoji_are_kept(read) -> None:
    table = read("events_file", "e.csv", f'{HEADER}a/b,"🎉 ""x""",like,1700000000\n')
    assert table.events.select("user_id", "item_id").rows() == [("a/b", '🎉 "x"')]


def test_windows_line_ends_and_a_byte_order_mark_are_cut(read) -> None:
    content = f"\ufeff{HEADER}u,i,like,1700000000\n".replace("\n", "\r\n")
    assert read("events_file", "e.csv", content).events["timestamp"].to_list() == [1700000000000]


@pytest.mark.parametrize("name", ["e.csv", "e.csv.gz"])
def test_reading_in_small_blocks_changes_nothing(write, monkeypatch, name) -> None:
    rows = "".join(f'u{n},"i\u00e9 ""{n}""",like,1700000000\nbad\n' for n in range(30))
    path = write(name, HEADER + rows)
    whole = make_source("events_file").read(path)
    monkeypatch.setattr("coadapt.data.sources._files.BLOCK_BYTES", 50)
    blocks = make_source("events_file").read(path)
    assert blocks.events.equals(whole.events)
    assert blocks.bad_rows.equals(whole.bad_rows)


def test_a_quoted_field_may_cross_the_border_of_two_blocks(write, monkeypatch) -> None:
    monkeypatch.setattr("coadapt.data.sources._files.BLOCK_BYTES", 40)
    header, row = "user_id,item_id,timestamp,note\n", 'u,i,1700000000,"one\ntwo\nthree"\n'
    table = make_source("events_file").read(write("e.csv", header + row * 5))
    assert table.events["line"].to_list() == [2, 5, 8, 11, 14]
