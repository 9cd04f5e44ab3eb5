from __future__ import annotations

import pytest

from coadapt.stores._mentions import Mention


def cleaned(body: str, *ids: str) -> str | None:
    return Mention(frozenset(ids)).remove_from(body)


def test_a_field_that_is_the_id_goes() -> None:
    assert cleaned('{"target_user_id":"u-1","text":"hi"}', "u-1") == '{"text":"hi"}'


def test_a_body_of_nothing_else_is_no_body() -> None:
    assert cleaned('{"target_user_id":"u-1"}', "u-1") is None


def test_a_longer_id_that_begins_alike_stays() -> None:
    body = '{"target_user_id":"u-12","text":"u-12 and xu-1 and u-1-b"}'
    assert cleaned(body, "u-1") == body


@pytest.mark.parametrize(("identifier", "text"), [("tea", "tea is fine"), ("7", "7 days")])
def test_a_word_or_small_number_in_running_text_stays(identifier: str, text: str) -> None:
    body = f'{{"text":"{text}"}}'
    assert cleaned(body, identifier) == body


def test_an_addressed_word_goes() -> None:
    assert cleaned('{"text":"hi @tea!"}', "tea") == '{"text":"hi !"}'


def test_lists_and_keys_lose_the_id_at_any_depth() -> None:
    body = '{"properties":{"a":[{"u-1":2},"u-1",3],"b":"u-1"}}'
    assert cleaned(body, "u-1") == '{"properties":{"a":[{},3],"b":null}}'


def test_raw_text_names_an_id_however_it_is_escaped() -> None:
    assert Mention(frozenset({"é😀"})).is_in_text('{"x": "\\u00e9\\ud83d\\ude00"')
    assert not Mention(frozenset({"tea"})).is_in_text('{"x": "teapot"')
