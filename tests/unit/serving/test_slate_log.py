"""A log of slates is asked again, and says what it said."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import DataError, EmptyDataError
from coadapt.domain.events import Event
from coadapt.domain.parsing import Arrival
from coadapt.domain.progress import no_progress
from coadapt.domain.queries import ItemFilter, Person, Query
from coadapt.domain.slates import Slate
from coadapt.evaluation.off_policy import estimate_policy, log_ratios
from coadapt.serving.describe import put_consent, put_items
from coadapt.serving.ingest import ingest
from coadapt.serving.loop import Loop, LoopOptions, assemble
from coadapt.serving.pipeline import Pipeline
from coadapt.serving.recommend import recommend
from coadapt.serving.slate_log import SlateLog, read_slate_log
from coadapt.stores.files import FileRunStore
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.sql import SqlEventStore
from coadapt.testing.tiny import two_tastes
from coadapt.training.pipeline_config import PipelineConfig, PolicyChoice, make_policy
from coadapt.training.policy_config import PolicyRunConfig

NOW_MS = 1_795_300_000_000


class Shop:
    """A loop over a log on disk, where a softmax chooses."""

    def __init__(self, folder: Path, recommender: Any) -> None:
        self.url = f"sqlite:///{folder / 'log.db'}"
        self.loop: Loop = assemble(
            SqlEventStore(self.url),
            MemoryFeatureStore(),
            FileRunStore(folder / "runs"),
            options=LoopOptions(seed=1),
        )
        config = PipelineConfig(
            name="shop",
            recommender="run-1",
            policy=PolicyChoice(options={"temperature": 1.0, "exploration": 0.1}),
        )
        policy = make_policy(config.policy)
        items = two_tastes().item_ids
        self.pipeline = Pipeline("shop@1", config, recommender, items, policy)
        self.loop.live.swap("default", self.pipeline)

    def ask(self, user_id: str | None = None, **fields: Any) -> Slate:
        asked = {"person": Person(user_id=user_id), "as_of": NOW_MS, "count": 3}
        return asyncio.run(recommend(self.loop, Query(**{**asked, **fields}), NOW_MS))

    def send(self, *bodies: dict[str, Any]) -> None:
        arrival = Arrival(NOW_MS, self.loop.new_id)
        receipt = asyncio.run(ingest(self.loop, bodies, arrival))
        assert not receipt.rejected

    def describe(self, item_id: str, **attributes: Any) -> None:
        arrival = Arrival(NOW_MS, self.loop.new_id)
        asyncio.run(put_items(self.loop, [(item_id, attributes)], arrival))

    def read(self, after: int = 0, **off_policy: Any) -> SlateLog:
        document = {
            "kind": "policy",
            "data": {"source": "log", "path": self.url},
            "pipeline": self.pipeline.config.model_dump(),
            "off_policy": off_policy,
        }
        config = PolicyRunConfig.model_validate(document).resolved()
        return read_slate_log(config, self.pipeline, after, no_progress)


@pytest.fixture
def shop(tmp_path: Path, recommender: Any) -> Iterator[Shop]:
    shop = Shop(tmp_path, recommender)
    yield shop
    shop.loop.close()


def click(slate: Slate, position: int, user_id: str, **fields: Any) -> dict[str, Any]:
    item = slate.items[position - 1]
    named = {"recommendation_id": slate.recommendation_id, "position": position}
    body = {"type": "select_item", "user_id": user_id, "item_id": item.item_id}
    return {**body, "timestamp": NOW_MS + 1, **named, **fields}


def test_slates_asked_again_are_as_probable_as_they_were(shop: Shop) -> None:
    """With what people did between, with filters, lists and stock that changes."""
    users = [f"u{number}" for number in range(8)]
    items = shop.pipeline.vocabulary.ids
    for round_ in range(6):
        for place, user in enumerate(users):
            slate = shop.ask(user, count=1 + (place % 3))
            if slate.items and (place + round_) % 2:
                shop.send(click(slate, 1, user))
        shop.describe(items[round_], price=round_)
        shop.ask("u1", item_filter=ItemFilter(min_price=0.0))
        shop.ask("u2", item_ids=(*items[:4], "unheard"), count=5)
        shop.ask("u3", exclude_item_ids=frozenset(items[:2]))
        shop.ask("u4", history=tuple(items[1:3]))
        shop.describe(items[11 - round_], available=False)
    log = shop.read()
    ratios = log_ratios(shop.pipeline.policy, log.slates)
    np.testing.assert_allclose(ratios, 0, atol=1e-5)
    assert log.n_own == len(log.slates) > 60
    assert not log.skipped


def test_a_reward_stands_at_the_place_that_led_to_it(shop: Shop) -> None:
    slate, other = shop.ask("ann"), shop.ask("ben")
    shop.send(click(slate, 2, "ann"), click(slate, 2, "ann"), click(slate, 3, "ann", type="like"))
    log = shop.read(rewards={"select_item": 1.0, "like": 0.5, "purchase": 9.0})
    assert log.slates.rewards.tolist() == [[0, 1, 0.5], [0, 0, 0]]
    assert len(np.unique(log.slates.people)) == 2
    assert other.items


def test_a_reward_finds_the_slate_that_it_names_after_many_others(shop: Shop) -> None:
    """A service remembers twenty slates a person; a log remembers more."""
    first = shop.ask("ann", as_of=NOW_MS - 1)
    for _ in range(25):
        shop.ask("ann")
    shop.send(click(first, 1, "ann"), click(first, 2, "ann"))
    assert shop.read().slates.rewards[0].tolist() == [1, 1, 0]


def test_a_slate_that_nobody_was_shown_takes_no_reward(shop: Shop) -> None:
    items = ("i1", "i2", "i3")
    shop.ask("ann", item_ids=items)
    replayed = shop.ask("ann", item_ids=items, as_of=NOW_MS + 1, is_replay=True)
    shop.send(click(replayed, 1, "ann", timestamp=NOW_MS + 9, recommendation_id=None))
    assert shop.read().slates.rewards.sum() == 1
    assert shop.loop.learner.exposures.find(replayed.recommendation_id) is None


def test_slates_of_which_more_may_come_are_counted(shop: Shop) -> None:
    shop.ask("ann")
    shop.ask("ann", as_of=NOW_MS + 3 * DAY_MS)
    assert shop.read(attribution_days=2).n_open == 1
    assert shop.read(attribution_days=4).n_open == 2


def test_values_are_added_up_in_one_currency(shop: Shop) -> None:
    slate = shop.ask("ann")
    money = {"type": "purchase", "currency": "EUR"}
    shop.send(*(click(slate, 1, "ann", value=value, **money) for value in (2.0, 3.0)))
    shop.send(click(slate, 1, "ann", value=1.0, type="purchase"))
    assert shop.read(rewards={"purchase": "value"}).slates.rewards[0].tolist() == [6, 0, 0]
    shop.send(click(slate, 1, "ann", value=1.0, **money | {"currency": "USD"}))
    with pytest.raises(DataError, match="several currencies"):
        shop.read(rewards={"purchase": "value"})


def test_a_reward_later_than_the_window_is_nobodys(shop: Shop) -> None:
    slate = shop.ask("ann")
    late = click(slate, 1, "ann", timestamp=NOW_MS + 3 * DAY_MS)
    shop.loop.journal.append(
        [
            Event("e", "select_item", late["timestamp"], user_id="ann", item_id=late["item_id"]),
        ]
    ).result(30)
    assert shop.read().slates.rewards.sum() == 1
    assert shop.read(attribution_days=2).slates.rewards.sum() == 0


def test_where_a_surface_confirms_only_confirmed_slates_count(shop: Shop) -> None:
    seen, unseen = shop.ask("ann", surface="home"), shop.ask("ann", surface="home")
    shop.ask("ann", surface="cart")
    shop.send(
        {
            "type": "view_item_list",
            "user_id": "ann",
            "recommendation_id": seen.recommendation_id,
        }
    )
    log = shop.read()
    assert (len(log.slates), log.n_confirmed) == (2, 1)
    assert log.skipped["not confirmed"] == 1
    assert unseen.items


def test_what_no_policy_chose_is_left_out_and_counted(shop: Shop) -> None:
    shop.ask("ann")
    arrival, no = Arrival(NOW_MS, shop.loop.new_id), {"personalization": False}
    asyncio.run(put_consent(shop.loop, Person("ben"), no, arrival))
    shop.ask("ben")
    shop.ask("ann", is_replay=True)
    broken = Event("r", "$recommendation", NOW_MS, properties={"items": ["tea"]})
    shop.loop.journal.append([broken]).result(30)
    log = shop.read()
    assert len(log.slates) == 1
    told = {"malformed": 1, "not personal": 1, "shown to nobody": 1}
    assert {reason: number for reason, number in log.skipped.items() if number} == told


def test_slates_from_before_the_run_had_learned_are_left_out(shop: Shop) -> None:
    shop.ask("ann")
    shop.send({"type": "like", "user_id": "ann", "item_id": "tea"})
    shop.ask("ann")
    log = shop.read(after=2)
    assert (len(log.slates), log.skipped["too early"]) == (1, 1)


def test_a_shorter_slate_than_this_pipeline_makes_is_left_out(shop: Shop) -> None:
    """Another pipeline had fewer candidates: no policy of this one makes a slate as short."""
    few = shop.pipeline.config.model_copy(update={"candidates": 2})
    shop.loop.live.swap("default", replace(shop.pipeline, config=few))
    shop.ask("ann", count=2)
    record = {"items": ["i1"], "scores": [1.0], "propensities": [0.5], "count": 3}
    event = Event("r", "$recommendation", NOW_MS, properties={**record, "log_position": 1})
    shop.loop.journal.append([event]).result(30)
    log = shop.read()
    assert (len(log.slates), log.skipped["of another length than here"]) == (1, 1)


def test_an_item_that_this_run_does_not_know_could_not_have_been_shown(shop: Shop) -> None:
    slate = shop.ask("ann")
    record = {"items": ["unheard"], "scores": [1.0], "propensities": [0.5], "count": 1}
    event = Event("r", "$recommendation", NOW_MS, properties={**record, "log_position": 1})
    shop.loop.journal.append([event]).result(30)
    log = shop.read()
    ratios = log_ratios(shop.pipeline.policy, log.slates)
    assert sorted(ratios[:, 0].tolist()) == [-np.inf, pytest.approx(0, abs=1e-6)]
    assert log.n_own == 1
    assert slate.items


def test_of_many_slates_the_newest_count(shop: Shop) -> None:
    for number in range(12):
        shop.ask(f"u{number}", as_of=NOW_MS + number)
    log = shop.read(max_slates=10)
    assert log.slates.times.tolist() == list(range(NOW_MS + 2, NOW_MS + 12))
    assert log.skipped["too many"] == 2


def test_ranked_items_that_only_another_run_knows_say_nothing(shop: Shop) -> None:
    """Whether such a slate would be kept must not hang on where chance put the unknown item."""
    for items in (["i1", "unheard"], ["unheard", "i1"]):
        record = {"items": items, "scores": [1.0, 0.5], "propensities": [0.5, 1.0], "count": 2}
        known = {"log_position": 0, "item_ids": ["i1", "unheard"], "run": "another"}
        event = Event(items[0], "$recommendation", NOW_MS, properties=record | known)
        shop.loop.journal.append([event]).result(30)
    shop.ask("ann", item_ids=("i1", "unheard"))
    log = shop.read()
    assert (len(log.slates), log.skipped) == (
        1,
        {"ranking items that this run does not know": 2},
    )


def test_a_slate_that_is_not_found_as_it_was_is_left_out(shop: Shop) -> None:
    slate = shop.ask("ann", count=1)
    record = {"items": [slate.items[0].item_id], "scores": [77.0], "propensities": [0.5]}
    known = {"log_position": 0, "count": 1, "run": "run-1"}
    event = Event("r", "$recommendation", NOW_MS, properties=record | known)
    shop.loop.journal.append([event]).result(30)
    log = shop.read()
    assert (len(log.slates), log.skipped) == (1, {"not found as they were": 1})


def test_a_log_without_slates_says_so(shop: Shop) -> None:
    shop.send({"type": "like", "user_id": "ann", "item_id": "tea"})
    with pytest.raises(EmptyDataError, match="no slate"):
        shop.read()


def test_questions_are_scored_in_groups(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        shop.ask(f"u{number}", count=1 + number % 2)
    whole = shop.read().slates
    monkeypatch.setattr("coadapt.serving.slate_offers.MAX_BATCH", 2)
    parted = shop.read().slates
    assert sorted(parted.rewards.tolist()) == sorted(whole.rewards.tolist())
    assert len(parted) == len(whole) == 7


def test_people_known_by_two_ids_are_one(shop: Shop) -> None:
    shop.ask(None, person=Person(anonymous_id="a"))
    shop.send({"type": "like", "user_id": "ann", "anonymous_id": "a", "item_id": "tea"})
    shop.ask("ann")
    shop.ask(None, person=Person())
    log = shop.read()
    assert len(log.slates) == 3
    assert len(np.unique(log.slates.people)) == 2
    assert estimate_policy(shop.pipeline.policy, log.slates).n_people == 2
