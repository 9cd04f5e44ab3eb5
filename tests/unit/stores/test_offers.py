"""Which items may be shown follows every change, opening and closing."""

from threading import RLock, Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.domain.queries import ItemFilter
from coadapt.stores._offers import Offers

NOON_ISO, NOON_MS = "2026-11-22T12:00:00", 1_795_348_800_000
TAGS = st.lists(st.sampled_from(["red", "blue", "🎉"]), max_size=2, unique=True)
CHANGES = st.lists(st.tuples(st.integers(0, 4), st.none() | TAGS), max_size=15)
"""Item and its new tags; None retires it."""


def _offers(*described: dict[str, Any] | None) -> Offers:
    offers = Offers(RLock())
    for number, attributes in enumerate(described):
        offers.put(number, attributes)
    return offers


def _shown(offers: Offers, *, n_items: int = 3, as_of: int = 0, **wanted: Any) -> list[int]:
    asked = ItemFilter(**wanted) if wanted else None
    return offers.allowed(n_items, as_of, asked).nonzero()[0].tolist()


def test_items_that_nobody_described_may_be_shown() -> None:
    assert _shown(Offers(RLock())) == [0, 1, 2]


def test_items_that_nobody_described_pass_no_filter() -> None:
    assert _shown(_offers({"brand": "acme"}), one_of={"brand": frozenset({"acme"})}) == [0]
    assert _shown(Offers(RLock()), min_price=0.0) == []


def test_a_filter_that_asks_nothing_lets_all_through() -> None:
    assert _offers({"brand": "acme"}).allowed(3, 0, ItemFilter()).tolist() == [True] * 3


def test_no_items_are_no_error() -> None:
    assert _shown(Offers(RLock()), n_items=0) == []


def test_an_item_without_number_below_is_put_alone() -> None:
    offers = Offers(RLock())
    offers.put(7, None)
    assert _shown(offers, n_items=9) == [0, 1, 2, 3, 4, 5, 6, 8]


@pytest.mark.parametrize(("available", "shown"), [(False, [1, 2]), (None, [0, 1, 2])])
def test_only_a_clear_no_takes_an_item_away(available, shown) -> None:
    assert _shown(_offers({"available": available})) == shown


@pytest.mark.parametrize(
    "noon",
    [NOON_MS, float(NOON_MS), NOON_ISO, f"{NOON_ISO}Z", "2026-11-22T13:00:00+01:00"],
)
def test_a_window_opens_at_its_instant_and_closes_at_its_end(noon) -> None:
    opens, closes = _offers({"available_from": noon}), _offers({"available_until": noon})
    instants = (NOON_MS - 1, NOON_MS)
    assert [_shown(opens, n_items=1, as_of=at) for at in instants] == [[], [0]]
    assert [_shown(closes, n_items=1, as_of=at) for at in instants] == [[0], []]


@pytest.mark.parametrize("nonsense", ["tomorrow", "", [1], {}])
def test_a_time_that_is_none_closes_nothing(nonsense) -> None:
    offers = _offers({"available_from": nonsense, "available_until": nonsense})
    assert _shown(offers, n_items=1) == [0]


def test_an_answer_for_now_does_not_spoil_one_for_later() -> None:
    offers = _offers({"available_from": 10, "available_until": 20})
    instants = (0, 15, 25, 15)
    assert [_shown(offers, n_items=1, as_of=at) for at in instants] == [[], [0], [], [0]]


def test_prices_are_within_their_limits_and_unknown_ones_never() -> None:
    offers = _offers({"price": 5}, {"price": 10.5}, {"price": "cheap"})
    assert _shown(offers, min_price=5.0, max_price=10.5) == [0, 1]
    assert _shown(offers, max_price=1e9) == [0, 1]


def test_an_attribute_may_stand_among_the_properties() -> None:
    offers = _offers({"properties": {"size": 42}}, {"size": "42"}, {"size": None})
    assert _shown(offers, one_of={"size": frozenset({"42"})}) == [0, 1]


def test_all_filters_must_hold_and_one_value_is_enough() -> None:
    offers = _offers({"a": "x", "b": "y"}, {"a": "x", "b": "z"}, {"a": ["w", "x"], "b": ["z"]})
    wanted = {"a": frozenset({"x", "v"}), "b": frozenset({"z"})}
    assert _shown(offers, one_of=wanted) == [1, 2]


def test_a_filtered_answer_cannot_be_changed_either() -> None:
    offers = _offers({"brand": "acme"}, {})
    assert not offers.allowed(2, 0, None).flags.writeable
    assert not offers.allowed(2, 0, ItemFilter(min_price=1.0)).flags.writeable


@given(changes=CHANGES)
def test_a_filter_that_was_asked_before_follows_every_change(changes) -> None:
    asked, fresh = Offers(RLock()), Offers(RLock())
    for number, tags in changes:
        _shown(asked, one_of={"tag": frozenset({"red"})})
        described = None if tags is None else {"tag": tags}
        asked.put(number, described)
        fresh.put(number, described)
    wanted = {"n_items": 5, "one_of": {"tag": frozenset({"red"})}}
    assert _shown(asked, **wanted) == _shown(fresh, **wanted)


class Interrupting(dict[str, Any]):
    """Let another thread put an item while an index of the brands is made."""

    def __init__(self, writer: Thread) -> None:
        super().__init__(brand="acme")
        self._writer = writer

    def get(self, name: str, default: Any = None) -> Any:
        if name == "brand" and self._writer.ident is None:
            self._writer.start()
            self._writer.join(0.1)
        return super().get(name, default)


def test_an_item_that_is_put_while_an_index_is_made_is_in_it() -> None:
    lock = RLock()
    offers = Offers(lock)

    def put() -> None:
        with lock:
            offers.put(1, {"brand": "acme"})

    writer = Thread(target=put)
    offers.put(0, Interrupting(writer))
    _shown(offers, one_of={"brand": frozenset({"acme"})})
    writer.join()
    assert _shown(offers, one_of={"brand": frozenset({"acme"})}) == [0, 1]
