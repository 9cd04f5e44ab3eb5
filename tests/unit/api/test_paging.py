"""A list is cut into pages that together are the list."""

from urllib.parse import quote

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from coadapt.api.paging import (
    MAX_LIMIT,
    PAGE_PARAMETERS,
    Page,
    instant_parameter,
    page_of,
    paged,
    whole_parameter,
)
from coadapt.domain.errors import InvalidInputError


def asking(query: str) -> Request:
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


def walk(entries: list[int], limit: int) -> list[list[int]]:
    pages, cursor = [], "0"
    while cursor is not None:
        page = paged("found", entries, page_of(asking(f"limit={limit}&cursor={cursor}")))
        pages.append(page["found"])
        cursor = page["next_cursor"]
    return pages


@given(st.lists(st.integers(), max_size=30), st.integers(1, 12))
def test_all_pages_together_are_the_list(entries: list[int], limit: int) -> None:
    pages = walk(entries, limit)
    assert [entry for page in pages for entry in page] == entries
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)


@given(st.lists(st.integers(), min_size=1, max_size=30), st.integers(1, 12))
def test_no_page_after_the_first_is_empty(entries: list[int], limit: int) -> None:
    assert all(walk(entries, limit))


def test_an_empty_list_is_one_empty_page() -> None:
    assert paged("found", [], Page(5, 0)) == {"found": [], "next_cursor": None}


def test_a_cursor_beyond_the_end_finds_nothing() -> None:
    assert paged("found", [1, 2], Page(5, 99)) == {"found": [], "next_cursor": None}


def test_a_request_that_says_nothing_gets_the_documented_page() -> None:
    assert page_of(asking("")) == Page(PAGE_PARAMETERS["limit"]["default"], 0)


@given(st.from_regex(PAGE_PARAMETERS["cursor"]["pattern"], fullmatch=True))
def test_every_documented_cursor_is_taken(cursor: str) -> None:
    assert page_of(asking(f"cursor={cursor.strip()}")).after == int(cursor)


@pytest.mark.parametrize("limit", [1, MAX_LIMIT])
def test_the_limits_of_a_page_belong_to_it(limit: int) -> None:
    assert page_of(asking(f"limit={limit}")).limit == limit


@pytest.mark.parametrize("text", ["", "5.0", "%2B5", "%205", "1e3", "0x5", "²", "9" * 5_000])
def test_what_is_no_whole_number_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        whole_parameter(asking(f"count={text}"), "count", 10, 1_000)
    assert (caught.value.field, caught.value.code) == ("count", "invalid_count")


def test_a_refusal_names_the_range_and_not_the_input() -> None:
    with pytest.raises(InvalidInputError) as caught:
        whole_parameter(asking("count=77777"), "count", 10, 1_000, low=1)
    assert caught.value.message == "must be a whole number from 1 to 1000"


@pytest.mark.parametrize("text", ["2026-11-16", "9" * 19, "9" * 5_000, "-5", "٣", ""])
def test_what_are_not_milliseconds_stays_text(text: str) -> None:
    assert instant_parameter(asking(f"as_of={quote(text)}"), "as_of") == text


def test_digits_are_milliseconds_and_nothing_is_no_instant() -> None:
    assert instant_parameter(asking("as_of=1795300000000"), "as_of") == 1_795_300_000_000
    assert instant_parameter(asking(""), "as_of") is None
