"""Strings get numbers in the order in which they first appear, and keep them."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from coadapt.stores._numbering import FEW_ROWS, Numbering, distinct, numbers_of

COLUMNS = st.lists(st.none() | st.sampled_from(["", "tea", "a/b", "🎉", "té", "te\u0301"]))
LONG = st.lists(st.none() | st.text(max_size=3), min_size=FEW_ROWS + 1, max_size=80)


def test_numbers_count_up_and_stay() -> None:
    numbering = Numbering()
    assert [numbering.add(text) for text in ("tea", "jam", "tea", "")] == [0, 1, 0, 2]
    assert numbering.ids == ["tea", "jam", ""]
    assert len(numbering) == 3


def test_looking_up_adds_nothing() -> None:
    numbering = Numbering()
    assert numbering.get("tea") is None
    assert len(numbering) == 0


@given(COLUMNS | LONG)
def test_a_column_has_the_numbers_that_its_rows_have_one_by_one(column: list[str | None]) -> None:
    by_column, by_row = Numbering(), Numbering()
    numbers = numbers_of(pa.array(column, pa.string()), by_column.add)
    expected = [-1 if text is None else by_row.add(text) for text in column]
    assert numbers.tolist() == expected
    assert by_column.ids == by_row.ids


@given(LONG)
def test_a_number_leads_back_to_its_string(column: list[str | None]) -> None:
    numbering = Numbering()
    numbers = numbers_of(pa.array(column, pa.string()), numbering.add)
    assert [None if n < 0 else numbering.ids[n] for n in numbers.tolist()] == column


def test_of_many_rows_each_distinct_string_is_looked_up_once() -> None:
    asked: list[str] = []
    numbers_of(pa.array(["tea", "jam"] * FEW_ROWS), lambda text: asked.append(text) or 0)
    assert asked == ["tea", "jam"]


def test_a_column_of_nulls_has_no_numbers() -> None:
    nulls = pa.nulls(FEW_ROWS + 1, pa.string())
    assert numbers_of(nulls, Numbering().add).tolist() == [-1] * (FEW_ROWS + 1)


@given(COLUMNS)
def test_distinct_strings_are_each_listed_once(column: list[str | None]) -> None:
    codes, texts = distinct(pa.array(column, pa.string()))
    assert len(set(texts)) == len(texts)
    assert [None if code < 0 else texts[code] for code in codes.tolist()] == column


def test_a_slice_of_a_column_is_numbered_as_itself() -> None:
    column = pa.array(["a", "b", "c", "d"] * FEW_ROWS)[1:]
    codes, texts = distinct(column)
    assert texts[codes[0]] == "b"
