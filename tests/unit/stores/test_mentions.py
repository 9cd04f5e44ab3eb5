from __future__ import annotations

from typing import Any

import pytest

from coadapt.stores._mentions import Mention

LONG = "victim-7781"


def without(value: Any, *ids: str) -> Any:
    return Mention(ids).remove_from(value)


def test_a_value_that_is_the_id_becomes_null() -> None:
    assert without({"to": "u-1", "text": "hi"}, "u-1") == {"to": None, "text": "hi"}


def test_a_short_id_is_not_part_of_another() -> None:
    said = {"to": "u-12", "text": "u-12 and xu-1 and u-1-b"}
    assert without(said, "u-1") == said


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"{LONG}_suffix", "_suffix"),
        (f"pre{LONG}", "pre"),
        (f"hello @{LONG}!", "hello !"),
        (f"{LONG}2 is another", f"{LONG}2 is another"),
    ],
)
def test_a_long_id_is_removed_from_inside_other_text(text: str, left: str) -> None:
    assert without(text, LONG) == left


@pytest.mark.parametrize(("identifier", "text"), [("tea", "tea is fine"), ("7", "7 days")])
def test_a_word_or_small_number_in_running_text_stays(identifier: str, text: str) -> None:
    assert without(text, identifier) == text


def test_an_addressed_word_goes() -> None:
    assert without("hi @tea!", "tea") == "hi !"


def test_lists_and_keys_lose_the_id_at_any_depth() -> None:
    said = {"a": [{"u-1": 2}, "u-1", 3], "b": "u-1"}
    assert without(said, "u-1") == {"a": [{}, 3], "b": None}


@pytest.mark.parametrize("identifier", ["é😀", "u-1", "tea", LONG])
def test_json_that_names_an_id_is_found_however_it_is_escaped(identifier: str) -> None:
    mention = Mention([identifier])
    escaped = "".join(mention.needles[:1]).strip('"@')
    assert mention.is_in_json(f'{{"x":"{escaped}"}}')
    assert not mention.is_in_json('{"x":"u-12, teapot"}')


def test_an_id_after_an_escaped_character_is_found() -> None:
    assert Mention(["u-1"]).is_in_json(r'{"text":"dear\nu-1"}')


def test_a_refused_body_names_a_number_only_as_a_person() -> None:
    assert Mention(["172"]).is_in_refused('{"target_user_id": "172"}')
    assert not Mention(["172"]).is_in_refused('{"item_id": "172"}')


def test_nobody_is_named_nowhere() -> None:
    assert not Mention([]).is_in_text("anything")
