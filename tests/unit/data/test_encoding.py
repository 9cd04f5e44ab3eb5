"""Words become numbers that lead back to them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.data._encoding import encoded

WORDS = st.lists(st.none() | st.text(max_size=4), max_size=20)


def _table(**columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame(columns, strict=False)


@given(WORDS)
def test_a_number_leads_back_to_its_word(words) -> None:
    table = pl.DataFrame({"brand": words}, {"brand": pl.String})
    numbers, known = encoded(table, ("brand",))
    assert numbers is not None
    back = [None if number is None else known["brand"][number] for number in numbers["brand"]]
    assert back == words


def test_words_are_numbered_in_alphabetical_order() -> None:
    table, words = encoded(_table(brand=["kiwi", "acme", None, "kiwi"]), ("brand",))
    assert table is not None
    assert table["brand"].to_list() == [1, 0, None, 1]
    assert words == {"brand": ["acme", "kiwi"]}


def test_the_order_of_the_rows_does_not_matter() -> None:
    tables = [_table(brand=rows) for rows in (["b", "a"], ["a", "b", "a"])]
    assert encoded(tables[0], ("brand",))[1] == encoded(tables[1], ("brand",))[1]


def test_other_columns_stay_as_they_are() -> None:
    table, words = encoded(_table(item_id=["i1"], brand=["acme"]), ("brand",))
    assert table is not None
    assert table["item_id"].to_list() == ["i1"]
    assert list(words) == ["brand"]


def test_each_column_is_numbered_by_itself() -> None:
    table, words = encoded(_table(brand=["x", "y"], category=["y", "z"]), ("brand", "category"))
    assert table is not None
    assert table.rows() == [(0, 0), (1, 1)]
    assert words["category"] == ["y", "z"]


@pytest.mark.parametrize("values", [[10, 9], [True, False]])
def test_what_is_no_text_is_numbered_as_text(values) -> None:
    table, words = encoded(_table(size=values), ("size",))
    assert table is not None
    assert words == {"size": sorted(str(value).lower() for value in values)}
    assert sorted(table["size"]) == [0, 1]


def test_a_column_of_nothing_has_no_words() -> None:
    table, words = encoded(pl.DataFrame({"brand": [None]}, {"brand": pl.String}), ("brand",))
    assert table is not None
    assert (table["brand"].to_list(), words) == ([None], {"brand": []})


def test_without_a_table_or_a_column_there_is_nothing_to_do() -> None:
    assert encoded(None, ("brand",)) == (None, {})
    table = _table(item_id=["i1"])
    assert encoded(table, ("brand",)) == (table, {})
    assert encoded(table, ()) == (table, {})
