from typing import Any

import pytest

from coadapt.domain.errors import ForbiddenError, InvalidInputError
from coadapt.domain.queries import ItemFilter, Person
from coadapt.domain.query_parsing import Asked, parse_query, parse_rank_query

ASKED = Asked(now_ms=1_795_300_000_000, project="shop")
REPLAY = Asked(now_ms=1_795_300_000_000, project="shop", is_replay=True)


def test_an_empty_question_is_that_of_an_unknown_visitor_now() -> None:
    query = parse_query({}, ASKED)
    assert (query.person, query.count, query.as_of) == (Person(), 10, ASKED.now_ms)


def test_a_filter_takes_one_value_or_several() -> None:
    query = parse_query({"filter": {"category": "tea", "brand": ["a", "b"], "max_price": 5}}, ASKED)
    expected = {"category": frozenset({"tea"}), "brand": frozenset({"a", "b"})}
    assert query.item_filter == ItemFilter(expected, None, 5.0)


def test_an_instant_is_refused_without_replay() -> None:
    with pytest.raises(ForbiddenError, match="replay = true"):
        parse_query({"as_of": 5}, ASKED)


def test_an_instant_marks_the_answer_as_a_replay() -> None:
    query = parse_query({"as_of": "2020-01-01T00:00:00Z"}, REPLAY)
    assert (query.as_of, query.is_replay) == (1_577_836_800_000, True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 1001}, "count"),
        ({"count": True}, "count"),
        ({"user_id": 5}, "user_id"),
        ({"history": ["a", ""]}, "history[1]"),
        ({"history": "a"}, "history"),
        ({"filter": {"colour": "red"}}, "filter"),
        ({"filter": {"max_price": "5"}}, "filter.max_price"),
        ({"filter": {"min_price": 6, "max_price": 5}}, "filter.min_price"),
        ({"cout": 2}, "cout"),
        ({"item_ids": ["a"]}, "item_ids"),
        ({"anna@shop.example": 1}, "body"),
        ({"project": "other"}, "project"),
        ({"explain": 1}, "explain"),
        ({"context": {"a": float("nan")}}, "context"),
        ({"context": {"a": "x" * 65_536}}, "context"),
        ({"context": {"a": ["é" * 9_000] * 4}}, "context"),
        ([], "body"),
    ],
)
def test_a_wrong_field_of_a_question_is_named(body: Any, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_query(body, ASKED)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("name", "meant"),
    [("cout", "count"), ("userId", "user_id"), ("exclude-item-ids", "exclude_item_ids")],
)
def test_a_misspelt_field_is_told_which_one_was_meant(name: str, meant: str) -> None:
    with pytest.raises(InvalidInputError, match=f"did you mean {meant}\\?"):
        parse_query({name: 2}, ASKED)


def test_a_field_like_no_other_is_told_which_there_are() -> None:
    with pytest.raises(InvalidInputError, match="there are user_id, anonymous_id"):
        parse_query({"policy": {}}, ASKED)


def test_every_field_of_the_contract_is_known() -> None:
    asked = {"surface": "home", "context": {}, "history": [], "exclude_item_ids": []}
    whose = {"user_id": "anna", "anonymous_id": "device", "as_of": 5}
    query = parse_query({**asked, **whose, "count": 3, "filter": {}, "explain": True}, REPLAY)
    assert (query.count, query.explain) == (3, True)


def test_equal_limits_of_the_price_are_a_filter() -> None:
    query = parse_query({"filter": {"min_price": 5, "max_price": 5}}, ASKED)
    assert query.item_filter == ItemFilter({}, 5.0, 5.0)


def test_ranking_counts_each_item_once() -> None:
    query = parse_rank_query({"item_ids": ["b", "a", "b"], "count": 1}, ASKED)
    assert (query.item_ids, query.count) == (("b", "a"), 2)


@pytest.mark.parametrize("item_ids", [[], None, "a", [1]])
def test_ranking_needs_items(item_ids: Any) -> None:
    with pytest.raises(InvalidInputError):
        parse_rank_query({"item_ids": item_ids}, ASKED)


def test_a_misspelt_field_of_ranking_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="did you mean item_ids") as caught:
        parse_rank_query({"itemIds": ["a"]}, ASKED)
    assert caught.value.field == "itemIds"
