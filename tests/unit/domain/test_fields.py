import math

import pytest

from coadapt.domain import fields
from coadapt.domain.errors import InvalidInputError

NOW_MS = 1_795_300_000_000


@pytest.mark.parametrize("sound", ["u-81", "a/value", "..", "🛍️", "名", "x" * 256, " "])
def test_ids_may_hold_any_visible_character(sound: str) -> None:
    assert fields.identifier(sound, "item_id") == sound


@pytest.mark.parametrize("broken", ["", "x" * 257, "a\x00b", "a\nb", "\ud800", 7, None, True, []])
def test_an_id_that_is_empty_long_or_broken_is_refused(broken: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        fields.identifier(broken, "item_id")
    assert (caught.value.code, caught.value.field) == ("invalid_item_id", "item_id")


@pytest.mark.parametrize("broken", [math.nan, math.inf, True, "1", 10**400, 2**63, None])
def test_only_finite_numbers_are_numbers(broken: object) -> None:
    with pytest.raises(InvalidInputError, match="finite number"):
        fields.number(broken, "value")


def test_an_amount_is_not_negative() -> None:
    with pytest.raises(InvalidInputError, match="not be negative"):
        fields.amount(-1, "price")


def test_a_whole_number_may_come_with_a_point() -> None:
    assert fields.whole(2.0, "position") == 2


@pytest.mark.parametrize("broken", [1.5, -1, 2**31])
def test_a_position_is_whole_and_in_range(broken: object) -> None:
    with pytest.raises(InvalidInputError, match="whole number"):
        fields.whole(broken, "position")


@pytest.mark.parametrize(
    "form",
    [
        1795300000123,
        1795300000123.0,
        "2026-11-21T22:26:40.123Z",
        "2026-11-21T22:26:40.123",
        "2026-11-21T23:26:40.123+01:00",
    ],
)
def test_every_form_of_a_time_is_the_same_instant(form: object) -> None:
    assert fields.milliseconds(form, "timestamp") == 1795300000123


@pytest.mark.parametrize("broken", ["yesterday", "", True, 1e300, 10**30, {}])
def test_what_is_no_time_is_refused(broken: object) -> None:
    with pytest.raises(InvalidInputError, match="epoch milliseconds or ISO 8601"):
        fields.milliseconds(broken, "timestamp")


@pytest.mark.parametrize("implausible", [0, NOW_MS + 86_400_001])
def test_times_before_1990_and_after_tomorrow_are_implausible(implausible: int) -> None:
    with pytest.raises(InvalidInputError, match="between 1990"):
        fields.plausible(implausible, NOW_MS, "timestamp")


def test_nesting_is_limited() -> None:
    deep: object = 1
    for _ in range(fields.MAX_DEPTH + 1):
        deep = [deep]
    with pytest.raises(InvalidInputError, match="nested deeper"):
        fields.canonical(deep, "context")


def test_numbers_have_one_canonical_form() -> None:
    assert repr(fields.canonical({"a": [1.0, 1, 0.5]}, "context")) == "{'a': [1, 1, 0.5]}"


@pytest.mark.parametrize("broken", ["\ud800", {"\ud800": 1}, [math.nan], {"a": "\x00"}, object()])
def test_unsound_parts_of_an_object_are_found(broken: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        fields.canonical(broken, "context")
    assert caught.value.field == "context"


def test_a_list_has_at_most_a_thousand_values() -> None:
    with pytest.raises(InvalidInputError, match="at most 1000"):
        fields.elements([0] * 1001, "items")


def test_the_body_of_a_request_is_an_object() -> None:
    with pytest.raises(InvalidInputError, match="JSON object"):
        fields.body_object([])
