"""Each kind of field loses a person's ids in its own way; what the service wrote stays whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from coadapt.stores._rewriting import Rewriting
from coadapt.stores.base import PersonIds

LONG = "victim-7781"
SLATE = {"items": ["172", "50"], "scores": [1.0, 2.0], "pipeline": "default@2", "history": ["172"]}


def rewritten(kind: str, body: Mapping[str, Any], *users: str) -> Any:
    rewriting = Rewriting(PersonIds(frozenset(users)), lambda text: f"erased({len(text)})")
    text = rewriting.body(kind, msgspec.json.encode(body).decode())
    return None if text is None else msgspec.json.decode(text)


@pytest.mark.parametrize("user", ["172", "2", "items", "scores", "default@2", "history"])
def test_a_slate_stays_as_it_was_shown(user: str) -> None:
    assert rewritten("$recommendation", {"properties": SLATE}, user) == {"properties": SLATE}


def test_what_came_with_a_question_loses_the_id() -> None:
    asked = {"context": {"ref": LONG, "n": 1}, "properties": {**SLATE, "surface": LONG}}
    left = {"context": {"ref": None, "n": 1}, "properties": {**SLATE, "surface": "erased(11)"}}
    assert rewritten("$recommendation", asked, LONG) == left


def test_a_choice_stays_whoever_is_called_like_its_field() -> None:
    body = {"properties": {"personalization": False}}
    assert rewritten("$consent", body, "personalization") == body


def test_who_follows_them_follows_them_no_more() -> None:
    body = {"properties": {"properties": {"likes": "u-1"}, "follows": ["u-1", "u-12"]}}
    left = {"properties": {"properties": {"likes": None}, "follows": ["u-12"]}}
    assert rewritten("$user", body, "u-1") == left


def test_an_items_description_loses_a_distinctive_id() -> None:
    body = {"properties": {"title": f"Shop of {LONG}", "host_id": LONG, "tags": [LONG]}}
    left = {"properties": {"title": "Shop of ", "tags": [LONG]}}
    assert rewritten("$item", body, LONG) == left


@pytest.mark.parametrize("user", ["titanic", "1997", "title", "properties"])
def test_an_item_called_like_somebody_keeps_its_title(user: str) -> None:
    body = {"properties": {"title": "titanic", "properties": {"year": "1997"}}}
    assert rewritten("$item", body, user) == body


@pytest.mark.parametrize("field", ["target_user_id", "host_id"])
def test_a_field_that_names_the_person_goes(field: str) -> None:
    assert rewritten("like", {field: "172", "quantity": 1.0}, "172") == {"quantity": 1.0}


@pytest.mark.parametrize("field", ["session_id", "transaction_id", "recommendation_id", "host_id"])
def test_an_id_that_holds_a_long_one_becomes_a_pseudonym(field: str) -> None:
    assert rewritten("like", {field: f"room-{LONG}"}, LONG) == {field: "erased(16)"}


def test_an_id_of_one_of_our_slates_stays() -> None:
    body = {"recommendation_id": "r-" + "abcdef12" * 4}
    assert rewritten("like", body, "abcdef") == body


@pytest.mark.parametrize("user", ["context", "properties", "text"])
def test_a_field_of_the_event_is_no_persons_name(user: str) -> None:
    body = {"text": "so", "context": {"a": 1}, "properties": {"b": 2}}
    assert rewritten("like", body, user) == body


def test_keys_that_a_client_made_up_lose_the_id() -> None:
    assert rewritten("like", {"properties": {LONG: 1, "b": 2}}, LONG) == {"properties": {"b": 2}}


def test_a_body_of_nothing_else_is_no_body() -> None:
    assert rewritten("like", {"target_user_id": "u-1"}, "u-1") is None


def test_a_visitor_of_the_same_name_is_no_host() -> None:
    rewriting = Rewriting(PersonIds(anonymous_ids=frozenset({"u-1"})), str)
    assert rewriting.body("like", '{"target_user_id":"u-12"}') == '{"target_user_id":"u-12"}'


def test_an_events_own_id_is_replaced_by_one_of_its_own() -> None:
    rewriting = Rewriting(PersonIds(frozenset({LONG})), str.upper)
    assert rewriting.event_id("like", f"gift-{LONG}", 7) == f"7:GIFT-{LONG}".upper()
    assert rewriting.event_id("$recommendation", f"gift-{LONG}", 7) == f"gift-{LONG}"
