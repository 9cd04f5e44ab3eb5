from typing import Any

import pytest

from coadapt.domain.catalogue import consent_event, item_event, retired_event, user_event
from coadapt.domain.errors import InvalidInputError
from coadapt.domain.parsing import Arrival
from coadapt.domain.queries import Person

ARRIVAL = Arrival(1_795_300_000_000, new_id=lambda: "made", project="shop")
ANNA = Person(user_id="anna")


def test_an_item_becomes_an_event_that_holds_what_was_said_of_it() -> None:
    event = item_event("tea", {"price": 5, "tags": ["hot"], "brand": None}, ARRIVAL)
    assert (event.type, event.project, event.item_id) == ("$item", "shop", "tea")
    assert event.properties == {"price": 5.0, "tags": ["hot"]}


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ({"colour": "red"}, "item"),
        ({"price": -1}, "price"),
        ({"available_from": 2, "available_until": 1}, "available_until"),
        ({"tags": "hot"}, "tags"),
        ({"embedding": [True]}, "embedding"),
        ({"embedding": [0] * 4_097}, "embedding"),
        ({"available": 1}, "available"),
        ({"properties": {"a": float("inf")}}, "properties"),
    ],
)
def test_a_wrong_attribute_is_named(attributes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        item_event("tea", attributes, ARRIVAL)
    assert caught.value.field == field


def test_an_item_may_be_there_for_an_instant() -> None:
    window = {"available_from": 1, "available_until": "1970-01-01T00:00:00.001Z"}
    assert item_event("tea", window, ARRIVAL).properties["available_until"] == 1


def test_a_retired_item_needs_an_id() -> None:
    with pytest.raises(InvalidInputError):
        retired_event("", ARRIVAL)


def test_a_user_may_have_properties_and_ties() -> None:
    event = user_event(ANNA, {"properties": {"vip": True}, "follows": ["ben"]}, ARRIVAL)
    assert event.properties == {"properties": {"vip": True}, "follows": ["ben"]}


def test_nobody_has_no_properties() -> None:
    with pytest.raises(InvalidInputError, match=r"^user_id or anonymous_id is required"):
        user_event(Person(), {}, ARRIVAL)


def test_consent_is_true_or_false() -> None:
    assert consent_event(ANNA, {"personalization": False}, ARRIVAL).type == "$consent"


@pytest.mark.parametrize("body", [{}, {"personalization": "no"}, {"personalization": None}])
def test_any_other_consent_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        consent_event(ANNA, body, ARRIVAL)
