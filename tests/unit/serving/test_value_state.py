"""What people share in a live value state is what a replay of the log makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.domain.events import Event
from coadapt.domain.progress import no_progress
from coadapt.serving.tally import Tally
from coadapt.serving.value_restore import bring_level
from coadapt.serving.value_state import Surroundings, ValueState
from coadapt.stores.files import FileRunStore
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.sql import SqlEventStore
from coadapt.testing.stores import append, make_event
from coadapt.training import preparing
from coadapt.training.value_config import parse_value_config
from coadapt.training.value_load import LoadedValue, load_value
from coadapt.training.value_run import train_value

NOW_MS = 1_795_300_000_000
CONFIG = {
    "kind": "value",
    "data": {
        "source": "synthetic",
        "options": {"n_users": 30, "n_items": 10, "n_events": 900, "n_days": 120},
    },
    "value": {"name": "duve", "options": {"n_steps": 1, "message_dim": 4, "hidden_dim": 8}},
    "training": {"n_bootstrap": 2},
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> LoadedValue:
    store = FileRunStore(tmp_path_factory.mktemp("trained"))
    run = train_value(parse_value_config(CONFIG, "the test"), store, preparing.Surroundings(NOW_MS))
    return load_value(store, run.run_id)


class Shop:
    """Hold a log and a live state that follows it; replay the log into another one."""

    def __init__(self, trained: LoadedValue, max_users: int) -> None:
        self.trained, self.max_users = trained, max_users
        self.store = SqlEventStore("sqlite://")
        self.features = MemoryFeatureStore()
        self.live = self.state_of(self.features)
        self.features.follow(self.live)

    def state_of(self, features: MemoryFeatureStore) -> ValueState:
        around = Surroundings("default", self.store, features, Tally(), self.max_users)
        return ValueState(self.trained.anew(), around)

    def buy(self, *buyers: dict[str, str]) -> None:
        """Append one batch, a purchase a buyer and day."""
        first = self.store.last_position() + 1
        append(self.store, *(purchase(first + i, who) for i, who in enumerate(buyers)))
        for batch in self.store.scan(after=self.features.position):
            self.features.update(batch)

    def replayed(self) -> ValueState:
        features = MemoryFeatureStore()
        for batch in self.store.scan():
            features.update(batch)
        state = self.state_of(features)
        bring_level(state, None, no_progress)
        return state


def purchase(day: int, who: dict[str, str]) -> Event:
    at = NOW_MS + day * DAY_MS
    sold = {"type": "purchase", "value": 9.0, "timestamp": at, "received_at": at, "user_id": None}
    return make_event(f"e{day}", **sold | who)


def shared(state: ValueState) -> dict[str, Any]:
    """Return what is known of the market and of items."""
    arrays, n_items = state.model.state(), len(state.streams.items)
    market = {name: array for name, array in arrays.items() if name.startswith("market.")}
    items = [arrays[f"neighbours.1.{name}"][:n_items] for name in ("sums", "newest")]
    return {**market, "items": items}


def assert_level(shop: Shop) -> None:
    """Compare what people share with what a replay of the log makes of it."""
    shop.live.settle()
    live, replayed = shared(shop.live), shared(shop.replayed())
    assert live["market.sums"].any()
    for name, expected in replayed.items():
        for mine, other in zip(live[name], expected, strict=True):
            np.testing.assert_allclose(mine, other, err_msg=name)


ANN, VISITOR = {"user_id": "ann"}, {"anonymous_id": "v"}


@pytest.fixture
def shop(trained: LoadedValue) -> Shop:
    return Shop(trained, max_users=100)


def test_events_of_ids_that_are_linked_in_one_batch_are_shared(shop: Shop) -> None:
    shop.buy(VISITOR, ANN | VISITOR, ANN)
    assert_level(shop)


def test_events_of_ids_that_are_linked_while_they_wait_are_shared(shop: Shop) -> None:
    shop.buy(ANN)
    shop.live.settle()
    shop.buy(VISITOR)
    shop.buy(ANN | VISITOR)
    assert_level(shop)


def test_events_of_who_returns_after_eviction_are_shared(trained: LoadedValue) -> None:
    shop = Shop(trained, max_users=1)
    for who in ("ann", "ben", "ann"):
        shop.buy({"user_id": who})
        shop.live.settle()
    shop.max_users = 100
    assert_level(shop)
