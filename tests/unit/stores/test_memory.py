from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coadapt.domain.durations import DAY_MS
from coadapt.domain.events import Event
from coadapt.domain.queries import ItemFilter, Person
from coadapt.stores.base import Folded, PersonIds, Span
from coadapt.stores.event_rows import record_batch
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.testing.stores import make_event

ANN = Person(user_id="ann")
LATE = 10**15

Fold = Callable[..., None]


@pytest.fixture
def features() -> MemoryFeatureStore:
    return MemoryFeatureStore()


@pytest.fixture
def fold(features: MemoryFeatureStore) -> Fold:
    """Fold events at the positions that follow."""

    def fold(*events: Event) -> None:
        first = features.position + 1
        features.update(record_batch(events, range(first, first + len(events))))

    return fold


def item(item_id: str, timestamp: int = 1_000, **attributes: Any) -> Event:
    return Event(item_id, "$item", timestamp, item_id=item_id, properties=attributes)


def seen(features: MemoryFeatureStore, person: Person = ANN, **scope: Any) -> list[str]:
    past = features.past("default", person, **{"as_of": LATE, **scope})
    ids = features.item_ids("default")
    return [ids[number] for number in past.items]


def shown(features: MemoryFeatureStore, as_of: int = LATE, **wanted: Any) -> list[str]:
    item_filter = ItemFilter(**wanted) if wanted else None
    mask = features.allowed("default", as_of=as_of, item_filter=item_filter)
    return [i for i, ok in zip(features.item_ids("default"), mask, strict=True) if ok]


def test_an_event_is_in_the_next_read(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(make_event("a", type="purchase", timestamp=5, value=2.5))
    past = features.past("default", ANN, as_of=5)
    assert past.types.tolist() == ["purchase"]
    assert (past.times[0], past.values[0], past.positions[0]) == (5, 2.5, 1)
    assert seen(features) == ["tea"]


def test_only_interest_in_an_item_is_in_the_past(features: MemoryFeatureStore, fold: Fold) -> None:
    types = ("rate", "refund", "session_end", "not_interested", "$recommendation", "like")
    fold(*(make_event(t, type=t, item_id=t) for t in types))
    fold(make_event("no item", item_id=None))
    assert seen(features) == ["rate", "like"]


def test_the_limit_keeps_the_newest_and_looks_past_what_is_no_interest(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(*(make_event(f"i{t}", item_id=f"i{t}", timestamp=t) for t in range(4)))
    fold(*(make_event(f"e{t}", type="session_end", timestamp=9) for t in range(20)))
    assert seen(features, limit=2) == ["i2", "i3"]


def test_a_late_event_takes_its_place_in_time(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(*(make_event(f"i{t}", item_id=f"i{t}", timestamp=t) for t in (5, 9)))
    fold(make_event("late", item_id="i7", timestamp=7))
    fold(make_event("new", item_id="i9b", timestamp=9))
    assert seen(features) == ["i5", "i7", "i9", "i9b"]


def test_a_read_in_the_past_sees_only_what_was(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(*(make_event(f"i{t}", item_id=f"i{t}", timestamp=t) for t in (1, 2, 3)))
    assert seen(features, as_of=2) == ["i1", "i2"]
    assert seen(features, as_of=2, limit=1) == ["i2"]
    assert seen(features, as_of=0) == []


def test_nobody_has_no_past(features: MemoryFeatureStore, fold: Fold) -> None:
    assert seen(features, Person()) == []
    fold(make_event("a"))
    assert seen(features, Person(anonymous_id="ann")) == []
    assert len(features.past("other", ANN, as_of=LATE).items) == 0


def test_what_was_folded_is_not_folded_again(features: MemoryFeatureStore) -> None:
    batch = record_batch([make_event("a"), make_event("b")], [3, 7])
    features.update(batch.slice(0, 1))
    features.update(batch)
    features.update(batch)
    assert features.position == 7
    assert len(seen(features)) == 2


def test_a_large_load_reads_like_a_small_one(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(make_event("first", timestamp=0))
    fold(*(make_event(str(i), item_id=f"i{i % 50}", timestamp=9_999 - i) for i in range(5_000)))
    fold(make_event("last", item_id="jam", timestamp=20_000))
    assert seen(features)[0] == "tea"
    assert seen(features, limit=2) == ["i0", "jam"]
    assert len(seen(features)) == 5_002


def test_an_event_with_both_ids_makes_them_one_person(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(make_event("a", user_id=None, anonymous_id="x", item_id="before", timestamp=1))
    fold(make_event("b", item_id="other", timestamp=2))
    fold(make_event("c", anonymous_id="x", item_id="login", timestamp=3))
    fold(make_event("d", user_id=None, anonymous_id="x", item_id="after", timestamp=4))
    everything = ["before", "other", "login", "after"]
    assert seen(features) == everything
    assert seen(features, Person(anonymous_id="x")) == everything
    assert features.ids_of("default", ANN) == PersonIds(frozenset({"ann"}), frozenset({"x"}))


def test_who_logs_in_within_a_batch_keeps_what_they_did_before_in_it(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    before = make_event("a", user_id=None, anonymous_id="x", item_id="before")
    login = make_event("b", anonymous_id="x", item_id="login")
    handed_on = make_event("c", anonymous_id="x", user_id="bob", item_id="bob's")
    fold(before, login, handed_on)
    assert seen(features) == ["before", "login"]


def test_who_opts_out_before_they_log_in_stays_so_within_a_batch(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(
        make_event("a", user_id=None, anonymous_id="x", item_id="before"),
        Event("b", "$consent", 100, anonymous_id="x", properties={"personalization": False}),
        make_event("c", anonymous_id="x", item_id="login"),
    )
    assert not features.is_personalized("default", ANN, as_of=LATE)


def test_a_large_load_brings_visitors_pasts_to_their_users(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(make_event("a", user_id=None, anonymous_id="x", item_id="before", timestamp=1))
    load = [make_event(str(i), anonymous_id="x", timestamp=2) for i in range(3_000)]
    fold(*load)
    assert seen(features)[0] == "before"
    assert len(seen(features)) == 3_001


def test_a_shared_device_belongs_to_whom_it_was_linked_last(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(make_event("a", anonymous_id="x", item_id="ann's"))
    fold(make_event("b", anonymous_id="x", item_id="b", user_id="bob"))
    fold(make_event("c", anonymous_id="x", item_id="bob's", user_id=None))
    assert seen(features) == ["ann's"]
    assert seen(features, Person(user_id="bob")) == ["b", "bob's"]


def test_ids_of_different_namespaces_are_different_people(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(make_event("a", user_id="x", item_id="user's"))
    fold(make_event("b", user_id=None, anonymous_id="x", item_id="visitor's"))
    assert seen(features, Person(user_id="x")) == ["user's"]
    assert seen(features, Person(anonymous_id="x")) == ["visitor's"]


EVENTS = st.lists(
    st.builds(
        Event,
        event_id=st.just("e"),
        type=st.sampled_from(["page_view", "refund", "like"]),
        timestamp=st.integers(0, 20),
        user_id=st.sampled_from([None, "u1", "u2"]),
        anonymous_id=st.sampled_from([None, "x", "y"]),
        item_id=st.sampled_from([None, "a", "b", "c"]),
    ),
    max_size=60,
)


@settings(deadline=None, max_examples=60)
@given(events=EVENTS, cuts=st.lists(st.integers(0, 3_000)), limit=st.integers(1, 9))
def test_however_a_log_is_cut_it_folds_to_the_same_state(events, cuts, limit) -> None:
    batch = record_batch(events * 110, range(1, 110 * len(events) + 1))
    edges = sorted({0, batch.num_rows, *(min(cut, batch.num_rows) for cut in cuts)})
    parts = [batch.slice(start, stop - start) for start, stop in pairwise(edges)]
    people = [Person("u1"), Person("u2"), Person(anonymous_id="x"), Person(anonymous_id="y")]
    whole, piecewise = _folded([batch]), _folded(parts)
    scope = {"as_of": 15, "limit": limit}
    states = [[_past(store, person, scope) for person in people] for store in (whole, piecewise)]
    assert states[0] == states[1]


def _folded(batches: list) -> MemoryFeatureStore:
    features = MemoryFeatureStore()
    for batch in batches:
        features.update(batch)
    return features


def _past(features: MemoryFeatureStore, person: Person, scope: dict) -> list[tuple[int, str]]:
    past = features.past("default", person, **scope)
    return list(zip(past.positions.tolist(), past.types.tolist(), strict=True))


def test_items_keep_their_numbers(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(make_event("a", item_id="one"), item("two"))
    before = list(features.item_ids("default"))
    fold(item("one"), make_event("b", item_id="three"))
    assert features.item_ids("default") == [*before, "three"]


def test_an_item_is_what_it_was_at_the_time(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(item("tea", 100, price=1), item("tea", 300, price=3), item("tea", 200, price=2))
    prices = [features.item("default", "tea", as_of=t) for t in (99, 100, 250, 300)]
    assert prices == [None, {"price": 1}, {"price": 2}, {"price": 3}]


def test_a_retired_item_is_not_shown_until_described_again(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(item("tea", 100), Event("r", "$item_retired", 200, item_id="tea"))
    assert features.item("default", "tea", as_of=LATE) is None
    assert (shown(features, 150), shown(features, 250)) == (["tea"], [])
    fold(item("tea", 300))
    assert shown(features) == ["tea"]


def test_an_item_that_only_events_name_may_be_shown(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(item("jam", price=1), make_event("a", item_id="tea"))
    assert shown(features) == ["jam", "tea"]
    assert shown(features, max_price=5) == ["jam"]


def test_what_is_not_available_now_is_not_shown(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(item("no", available=False), item("yes", available=True))
    fold(item("soon", available_from=5_000), item("over", available_until="1970-01-01T00:00:05Z"))
    assert shown(features, 4_999) == ["yes", "over"]
    assert shown(features, 5_000) == ["yes", "soon"]


def test_a_filter_keeps_what_has_the_value_and_the_price(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(item("a", category="tea", price=5, tags=["hot", "new"]), item("b", category="tea"))
    fold(item("c", category="jam", price=9, tags=["new"], properties={"origin": "CN"}))
    assert shown(features, one_of={"category": frozenset({"tea"})}) == ["a", "b"]
    assert shown(features, one_of={"tags": frozenset({"new"})}, min_price=6) == ["c"]
    assert shown(features, one_of={"origin": frozenset({"CN"})}) == ["c"]
    assert shown(features, one_of={"category": frozenset({"tea"})}, max_price=5) == ["a"]


def test_a_filter_follows_a_change(features: MemoryFeatureStore, fold: Fold) -> None:
    jam = {"one_of": {"category": frozenset({"jam"})}}
    fold(item("a", 100, category="tea"))
    assert shown(features, **jam) == []
    fold(item("a", 200, category="jam"), item("b", 200, category="jam"))
    assert shown(features, **jam) == ["a", "b"]
    assert shown(features, 150, **jam) == []


def test_the_mask_is_the_same_until_something_changes(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(item("a"))
    mask = features.allowed("default", as_of=LATE)
    assert features.allowed("default", as_of=LATE) is mask
    fold(item("b"))
    assert features.allowed("default", as_of=LATE) is not mask


def test_nobody_can_change_the_mask_of_all(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(item("a"))
    with pytest.raises(ValueError, match="read-only"):
        features.allowed("default", as_of=LATE)[:] = False


def test_interest_halves_in_a_day(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(make_event("a", item_id="old", timestamp=0), make_event("b", item_id="old", timestamp=0))
    fold(make_event("c", item_id="new", timestamp=DAY_MS))
    fold(make_event("d", item_id="refused", timestamp=DAY_MS, type="not_interested"))
    assert features.trending("default", as_of=2 * DAY_MS, k=9) == [("old", 0.5), ("new", 0.5)]
    assert features.trending("default", as_of=0, k=9) == [("old", 2.0)]
    assert features.trending("default", as_of=2 * DAY_MS, k=1) == [("old", 0.5)]
    assert features.trending("other", as_of=0, k=1) == []


def test_interest_long_ago_still_has_an_order(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(*(make_event(str(i), item_id=f"i{i // 2}", timestamp=i) for i in range(3)))
    ranked = features.trending("default", as_of=9_000 * DAY_MS, k=2)
    assert [item_id for item_id, _ in ranked] == ["i0", "i1"]


def test_interest_is_counted_across_many_years(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(make_event("a", item_id="old", timestamp=0))
    fold(make_event("b", item_id="new", timestamp=5_000 * DAY_MS))
    assert features.trending("default", as_of=5_000 * DAY_MS, k=2) == [("new", 1.0)]


def test_users_are_listed_in_the_order_they_came(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(make_event("a", user_id=None, anonymous_id="x"), make_event("b", user_id="bob"))
    fold(make_event("c", user_id="ann"), make_event("d", user_id="bob"))
    (cursor, first), (_, second) = features.users("default")
    assert (first, second) == ("bob", "ann")
    assert [user for _, user in features.users("default", after=cursor)] == ["ann"]


def test_a_profile_gathers_what_was_said(features: MemoryFeatureStore, fold: Fold) -> None:
    said = {"properties": {"age": 30, "city": "Oslo"}, "follows": ["bob"]}
    fold(Event("a", "$user", 10, user_id="ann", properties=said))
    fold(Event("b", "$user", 20, user_id="ann", properties={"properties": {"age": 31}}))
    fold(make_event("c", type="follow", item_id=None, host_id="host", timestamp=30))
    profile = features.profile("default", ANN, as_of=LATE)
    assert profile is not None
    assert profile.properties == {"age": 31, "city": "Oslo"}
    assert profile.follows == ("bob", "host")
    assert (profile.n_events, profile.first_seen, profile.last_seen) == (1, 30, 30)


def test_a_profile_in_the_past_holds_what_was_known(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(Event("b", "$user", 20, user_id="ann", properties={"properties": {"age": 31}}))
    fold(make_event("c", timestamp=30))
    profile = features.profile("default", ANN, as_of=25)
    assert profile is not None
    assert (profile.n_events, profile.properties) == (0, {"age": 31})
    assert features.profile("default", ANN, as_of=19) is None
    assert features.profile("default", Person(user_id="nobody"), as_of=LATE) is None


def test_opting_out_counts_from_its_time_and_under_either_id(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    no, yes = ({"personalization": said} for said in (False, True))
    fold(Event("a", "$consent", 10, anonymous_id="x", properties=no))
    visitor, both = Person(anonymous_id="x"), Person("ann", "x")
    assert features.is_personalized("default", visitor, as_of=9)
    assert not features.is_personalized("default", both, as_of=10)
    assert features.is_personalized("default", ANN, as_of=10)
    fold(Event("b", "$consent", 20, anonymous_id="x", properties=yes))
    assert features.is_personalized("default", visitor, as_of=20)


def test_opting_out_survives_a_login(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(Event("a", "$consent", 10, anonymous_id="x", properties={"personalization": False}))
    fold(make_event("b", anonymous_id="x", timestamp=20))
    assert not features.is_personalized("default", ANN, as_of=LATE)


def test_an_erased_person_leaves_nothing(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(make_event("a", item_id="tea"), make_event("b", user_id="bob", item_id="jam"))
    fold(make_event("c", type="follow", user_id="bob", item_id=None, target_user_id="ann"))
    features.erase("default", PersonIds(frozenset({"ann"})), [1])
    assert seen(features) == []
    assert features.profile("default", ANN, as_of=LATE) is None
    assert [i for i, _ in features.trending("default", as_of=1_000, k=9)] == ["jam"]
    bob = features.profile("default", Person(user_id="bob"), as_of=LATE)
    assert bob is not None
    assert (bob.follows, bob.n_events) == ((), 2)


def test_events_at_erased_positions_go_whoever_holds_them(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(make_event("a", anonymous_id="x", item_id="tea"), make_event("b", item_id="jam"))
    features.erase("default", PersonIds(anonymous_ids=frozenset({"x"})), [1])
    assert seen(features) == ["jam"]


def test_a_batch_of_several_projects_keeps_them_apart(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(make_event("a"), make_event("b", project="other", item_id="jam"), make_event("c"))
    assert seen(features) == ["tea", "tea"]
    assert features.item_ids("other") == ["jam"]
    np.testing.assert_array_equal(features.past("other", ANN, as_of=LATE).positions, [2])


def test_a_device_of_several_users_leads_to_none_of_them(
    features: MemoryFeatureStore, fold: Fold
) -> None:
    fold(*(make_event(name, user_id=name, anonymous_id="kiosk") for name in ("ann", "bob")))
    kiosk = frozenset({"kiosk"})
    asked = Person(anonymous_id="kiosk")
    assert features.ids_of("default", asked) == PersonIds(anonymous_ids=kiosk)
    assert features.ids_of("default", ANN) == PersonIds(frozenset({"ann"}), kiosk)


class Follower:
    """Keep what a store tells."""

    def __init__(self) -> None:
        self.folded: list[Folded] = []
        self.gone: list[tuple[str, Sequence[int], Sequence[int]]] = []

    def fold(self, folded: Folded) -> None:
        self.folded.append(folded)

    def forget(
        self, project: str, people: Sequence[int], ids: PersonIds, changed: Sequence[int]
    ) -> None:
        self.gone.append((project, people, changed))


@pytest.fixture
def follower(features: MemoryFeatureStore) -> Follower:
    follower = Follower()
    features.follow(follower)
    return follower


def test_a_follower_is_told_of_each_row_and_whose_it_is(
    features: MemoryFeatureStore, fold: Fold, follower: Follower
) -> None:
    fold(make_event("a"), make_event("b", type="$item", user_id=None))
    (told,) = follower.folded
    assert told.batch.column("event_id").to_pylist() == ["a", "b"]
    assert told.people.tolist() == [features.number_of("default", ANN), -1]


def test_a_follower_is_told_each_project_apart(fold: Fold, follower: Follower) -> None:
    fold(make_event("a"), make_event("b", project="other"), make_event("c"))
    assert {told.project: told.batch.num_rows for told in follower.folded} == {
        "default": 2,
        "other": 1,
    }


def test_a_follower_is_told_who_turned_out_to_be_whom(fold: Fold, follower: Follower) -> None:
    fold(make_event("a", user_id=None, anonymous_id="v"))
    fold(make_event("b", anonymous_id="v"))
    assert [told.merges for told in follower.folded] == [(), ((0, 1),)]


def test_a_follower_is_told_who_was_erased(
    features: MemoryFeatureStore, fold: Fold, follower: Follower
) -> None:
    fold(make_event("a"))
    features.erase("default", PersonIds(frozenset({"ann"})), [1])
    assert follower.gone == [("default", [0], [])]


def test_a_follower_is_told_whose_past_an_erasure_changed(
    features: MemoryFeatureStore, fold: Fold, follower: Follower
) -> None:
    fold(*(make_event(name, user_id=name, anonymous_id="kiosk") for name in ("ann", "bob")))
    fold(make_event("c", user_id=None, anonymous_id="kiosk"))
    features.erase("default", PersonIds(), [3])
    bob = features.number_of("default", Person(user_id="bob"))
    assert follower.gone == [("default", [], [bob])]


def test_positions_are_of_all_that_a_person_did(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(make_event("a", timestamp=5), make_event("b", user_id="ben"))
    fold(make_event("c", timestamp=3, type="session_end", item_id=None))
    assert features.positions_of("default", 0, as_of=LATE).tolist() == [1, 3]
    assert features.positions_of("default", 0, as_of=3).tolist() == [3]
    assert features.span_of("default", 0, as_of=LATE) == Span(2, 3, 5)


def test_owners_go_with_those_who_were_merged(features: MemoryFeatureStore, fold: Fold) -> None:
    fold(make_event("a", user_id=None, anonymous_id="v"), make_event("b", user_id="ben"))
    fold(make_event("c", anonymous_id="v"))
    positions, people = features.owners("default")
    assert positions.tolist() == [1, 2, 3]
    assert people[0] == people[2] == features.number_of("default", ANN)
