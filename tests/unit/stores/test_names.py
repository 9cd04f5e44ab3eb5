"""Any text makes a file name, and no text leaves its folder."""

from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.domain.errors import InvalidInputError
from coadapt.stores._names import MAX_NAME_BYTES, check_run_id, safe_name

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=300)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("shop-1_a.b", "shop-1_a.b"),
        ("a/b", "a%2Fb"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("", "%"),
        ("a%2Fb", "a%252Fb"),
        ("☕", "%E2%98%95"),
        ("a\0b", "a%00b"),
        ("C:\\x", "C%3A%5Cx"),
    ],
)
def test_what_is_not_plain_is_percent_encoded(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(ANY_TEXT)
def test_a_name_is_one_plain_part_of_a_path(text: str) -> None:
    name = safe_name(text)
    assert Path(name).parts == (name,)
    assert name not in (".", "..")
    assert name.isascii()


@given(ANY_TEXT)
def test_a_name_fits_into_a_file_system(text: str) -> None:
    assert 0 < len(safe_name(text)) <= MAX_NAME_BYTES + 17


@given(ANY_TEXT, ANY_TEXT)
def test_different_texts_have_different_names(first: str, second: str) -> None:
    assert (safe_name(first) == safe_name(second)) == (first == second)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=15))
def test_a_short_name_can_be_read_back(text: str) -> None:
    assert unquote(safe_name(text)) == text


def test_long_texts_that_begin_alike_are_told_apart() -> None:
    first, second = safe_name("x" * 400 + "1"), safe_name("x" * 400 + "2")
    assert first != second
    assert first[:MAX_NAME_BYTES] == second[:MAX_NAME_BYTES]


@pytest.mark.parametrize("run_id", ["a", "2026-11-21T22-14-03Z-sasrec-4f1c", "x" * 128, "0.1_b-c"])
def test_a_run_id_may_stand_in_a_path(run_id: str) -> None:
    assert check_run_id(run_id) == run_id


@pytest.mark.parametrize("run_id", ["", ".hidden", "-flag", "a b", "a\n", "x" * 129, "a.partial"])
def test_what_is_no_run_id_is_refused_and_not_repeated(run_id: str) -> None:
    with pytest.raises(InvalidInputError, match="a run id is 1 to 128") as caught:
        check_run_id(run_id)
    assert caught.value.field == "run"
