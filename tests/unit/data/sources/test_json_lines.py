"""Fields come out of lines of JSON as text; a line without them keeps its number."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.data.sources._files import LINE, REASON
from coadapt.data.sources._json_lines import field_path, first_objects, read_json_lines

NOTHING = "no JSON object with the expected fields"
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


def _read(path: Path, **fields: str) -> pl.DataFrame:
    return pl.concat(list(read_json_lines(path, fields)))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file to write over."""
    return tmp_path_factory.mktemp("json") / "e.jsonl"


@given(values=st.lists(TEXT, min_size=1, max_size=5), is_ascii=st.booleans())
def test_text_comes_back_as_it_was(scratch, values, is_ascii) -> None:
    lines = [json.dumps({"who": value}, ensure_ascii=is_ascii) for value in values]
    scratch.write_text("\n".join(lines), "utf-8")
    assert _read(scratch, who="$.who")["who"].to_list() == values


@pytest.mark.parametrize(
    ("value", "text"), [(5, "5"), (2.5, "2.5"), (True, "true"), ([13, 14], "[13,14]")]
)
def test_other_values_come_as_their_json(write, value, text) -> None:
    path = write("e.jsonl", json.dumps({"x": value}, separators=(",", ":")))
    assert _read(path, x="$.x")["x"].to_list() == [text]


def test_a_path_may_reach_into_a_list(write) -> None:
    path = write("e.jsonl", '{"helpful": [13, 14]}\n')
    assert _read(path, votes="$.helpful[0]")["votes"].to_list() == ["13"]


def test_a_field_that_only_some_lines_have_is_null_elsewhere(write) -> None:
    frame = _read(write("e.jsonl", '{"a": 1}\n{"b": 2}\n'), a="$.a", b="$.b")
    assert frame.select("a", "b", REASON).rows() == [("1", None, None), (None, "2", None)]


@pytest.mark.parametrize("line", ["", "torn {", "[]", "3", '"a"', "null", '{"other": 1}'])
def test_a_line_with_nothing_of_it_is_told(write, line) -> None:
    frame = _read(write("e.jsonl", f'{{"a": 1}}\n{line}\n{{"a": 2}}\n'), a="$.a")
    assert frame.select(LINE, REASON).rows() == [(1, None), (2, NOTHING), (3, None)]


@pytest.mark.parametrize("name", ["a", "a b", "user.id", "it's", "ü", "$", "a[0]"])
def test_any_plain_field_name_has_a_path(write, name) -> None:
    path = write("e.jsonl", json.dumps({name: "x"}, ensure_ascii=False))
    assert _read(path, found=field_path(name))["found"].to_list() == ["x"]


def test_the_first_objects_are_those_that_are_any(write) -> None:
    path = write("e.jsonl", '{"a": 1}\nnonsense\n[1]\n{"b": 2}\n')
    assert first_objects(path) == [{"a": 1}, {"b": 2}]
    assert first_objects(path, 2) == [{"a": 1}]


@pytest.mark.parametrize("content", [b"", b"\0{}", b"\x1f\x8bcut off"])
def test_a_file_without_text_has_no_objects(write, content) -> None:
    assert first_objects(write("e.jsonl", content)) == []


def test_a_gzipped_file_is_looked_into(write) -> None:
    assert first_objects(write("e.jsonl.gz", '{"a": 1}\n')) == [{"a": 1}]
