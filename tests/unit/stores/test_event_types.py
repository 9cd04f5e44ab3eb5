"""Types have numbers, and arrays by number say what each is for."""

import pyarrow as pa
import pytest

from coadapt.domain.events import BEHAVIOURS, NEGATIVE
from coadapt.stores._event_types import EventTypes


def _numbered(*names: str) -> tuple[EventTypes, list[int]]:
    types = EventTypes()
    return types, types.numbers(pa.array(names, pa.string())).tolist()


def test_types_are_numbered_as_they_come() -> None:
    assert _numbered("like", "purchase", "like")[1] == [0, 1, 0]


def test_a_later_batch_keeps_the_numbers_of_the_first() -> None:
    types, _ = _numbered("like")
    assert types.numbers(pa.array(["wave", "like"])).tolist() == [1, 0]
    assert types.names.tolist() == ["like", "wave"]


def test_no_events_have_no_types() -> None:
    types, numbers = _numbered()
    assert (numbers, len(types.names), len(types.is_fact)) == ([], 0, 0)


RESERVED = {"$item", "$item_retired", "$user", "$consent", "$recommendation"}


@pytest.mark.parametrize("name", sorted(NEGATIVE | {"session_end", "view_item_list"}))
def test_what_says_nothing_good_of_an_item_shows_no_interest(name: str) -> None:
    types, _ = _numbered(name)
    assert types.is_behaviour.tolist() == [True]
    assert types.shows_interest.tolist() == [False]


def test_a_type_that_nobody_knows_is_behaviour_and_interest() -> None:
    types, _ = _numbered("live_poll_answered")
    assert (types.is_behaviour.tolist(), types.shows_interest.tolist()) == ([True], [True])


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_what_the_service_writes_is_no_behaviour(name: str) -> None:
    types, _ = _numbered(name)
    assert (types.is_behaviour.tolist(), types.shows_interest.tolist()) == ([False], [False])


def test_facts_are_what_describes_items_and_people() -> None:
    types, _ = _numbered(*sorted(RESERVED | set(BEHAVIOURS)))
    facts = {"$item", "$item_retired", "$user", "$consent", "follow"}
    assert set(types.names[types.is_fact]) == facts


def test_many_rows_and_few_are_numbered_alike() -> None:
    names = ["like", "purchase", "wave"] * 40
    assert _numbered(*names)[1] == [0, 1, 2] * 40
