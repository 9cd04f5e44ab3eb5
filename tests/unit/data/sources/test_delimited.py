"""Lines of delimited text become columns; a line that does not fit keeps its number."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.data.sources._delimited import (
    QUOTED_RECORD_MAX_LINES,
    Layout,
    has_header,
    header_of,
    read_delimited,
)
from coadapt.data.sources._files import LINE, REASON
from coadapt.domain.errors import DataError, EmptyDataError

BARE = Layout(("a", "b"), has_header=False)
QUOTED = Layout(("a", "b"), has_header=False, is_quoted=True)
FIELD = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)
TABLE = st.lists(st.tuples(FIELD, FIELD.filter(bool)), min_size=1, max_size=8)


def _read(path: Path, layout: Layout) -> pl.DataFrame:
    return pl.concat(list(read_delimited(path, layout)))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file to write over."""
    return tmp_path_factory.mktemp("delimited") / "e.csv"


@given(TABLE)
@pytest.mark.parametrize("separator", [",", ";", "|", "\t", "::"])
def test_quoted_fields_come_back_as_they_were(scratch, separator, rows) -> None:
    quoted = [['"' + field.replace('"', '""') + '"' for field in row] for row in rows]
    scratch.write_text("\n".join(separator.join(row) for row in quoted), "utf-8")
    frame = _read(scratch, Layout(("a", "b"), separator, has_header=False, is_quoted=True))
    assert frame[REASON].null_count() == len(rows)
    assert frame.select("a", "b").rows() == rows


# A file that begins with U+FEFF begins with a byte order mark, which is no part of its first field.
@given(TABLE.filter(lambda rows: not rows[0][0].startswith("\ufeff")))
def test_what_pythons_csv_writes_is_read(scratch, rows) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    scratch.write_text(written.getvalue(), "utf-8")
    assert _read(scratch, QUOTED).select("a", "b").rows() == rows


def test_without_quoting_a_quote_is_a_letter(write) -> None:
    assert _read(write("e.csv", '"x,y"\n'), BARE).select("a", "b").rows() == [('"x', 'y"')]


@pytest.mark.parametrize(("line", "n_found"), [("x", 1), ("x,y,z", 3), (",,", 3)])
def test_a_line_of_another_width_is_told(write, line, n_found) -> None:
    frame = _read(write("e.csv", f"x,y\n{line}\n"), BARE)
    assert frame[REASON].to_list() == [None, f"2 columns expected, {n_found} found"]


def test_an_empty_line_counts_as_a_line(write) -> None:
    frame = _read(write("e.csv", "x,y\n\nz,w\n"), BARE)
    assert frame.select(LINE, REASON).rows() == [(1, None), (2, "empty line"), (3, None)]


def test_a_separator_of_two_letters_is_one(write) -> None:
    layout = Layout(("a", "b"), "::", has_header=False)
    assert _read(write("r.dat", "x:y::z\n"), layout).select("a", "b").rows() == [("x:y", "z")]


def test_lines_are_counted_from_the_header_on(write) -> None:
    frame = _read(write("e.csv", "a,b\nx,y\n"), Layout(("a", "b")))
    assert frame.select(LINE, "a").rows() == [(2, "x")]


def test_another_encoding_is_read_as_it_is_written(write) -> None:
    path = write("e.csv", "caf\xe9,1\n".encode("latin-1"))
    layout = Layout(("a", "b"), has_header=False, encoding="latin-1")
    assert _read(path, layout)["a"].to_list() == ["café"]


def test_a_quote_that_never_closes_costs_one_line(write) -> None:
    n_lines = QUOTED_RECORD_MAX_LINES + 5
    frame = _read(write("e.csv", '"x,y\n' + "z,w\n" * n_lines), QUOTED)
    assert frame.height == n_lines + 1
    assert frame["a"].to_list()[1:] == ["z"] * n_lines


def test_a_header_is_known_with_quotes_and_spaces(write) -> None:
    path = write("e.csv", '"a", b \n1,2\n')
    assert has_header(path, Layout(("a", "b")))
    assert header_of(path, ",") == ("a", "b")


def test_a_header_in_another_order_is_another(write) -> None:
    path = write("e.csv", "b,a\n1,2\n")
    assert not has_header(path, Layout(("a", "b")))
    with pytest.raises(DataError, match=r"line 1: expected the header a,b; found 2 columns"):
        _read(path, Layout(("a", "b")))


def test_an_expected_tab_can_be_seen(write) -> None:
    with pytest.raises(DataError, match="expected the header aTABb"):
        _read(write("e.csv", "x\ty\n"), Layout(("a", "b"), "\t"))


def test_nothing_has_no_header_and_cannot_be_read(write) -> None:
    path = write("e.csv", "")
    assert header_of(path, ",") == ()
    assert not has_header(path, Layout(("a",)))
    with pytest.raises(EmptyDataError, match="is empty"):
        _read(path, BARE)


@pytest.mark.parametrize("separator", ["::", "||", "^^"])
def test_a_separator_of_several_characters_may_stand_beside_quotes(tmp_path, separator) -> None:
    path = tmp_path / "f"
    fields = ["u:1", '"a ' + separator + ' ""b"""', "x|y"]
    path.write_text(separator.join(fields) + "\n" + separator.join(["v", "j:k", "z"]) + "\n")
    layout = Layout(("a", "b", "c"), separator, has_header=False, is_quoted=True)
    (frame,) = read_delimited(path, layout)
    assert frame[REASON].to_list() == [None, None]
    assert frame.select("a", "b", "c").rows() == [
        ("u:1", f'a {separator} "b"', "x|y"),
        ("v", "j:k", "z"),
    ]
