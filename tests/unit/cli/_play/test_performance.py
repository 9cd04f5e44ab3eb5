"""A play fills the service first, then lets shoppers come until its time is over."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import Any
from unittest.mock import Mock

import polars as pl
import pytest

from coadapt.cli._play import performance
from coadapt.cli._play.gauges import Gauges
from coadapt.cli._play.performance import Performance, fill
from coadapt.cli._play.play import Score, Wishes
from coadapt.cli._play.scene import Scene
from coadapt.cli._play.service import Service, ServiceError
from tests.unit.cli._play.conftest import NotingClient


class _Shop(NotingClient):
    """Take the place of the HTTP client, and count."""

    n_refused = 0

    async def __aenter__(self) -> _Shop:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close nothing."""

    async def wait_until_ready(self) -> None:
        """Be ready at once."""

    async def put_items(self, items: list[dict[str, Any]]) -> None:
        self.described = items

    async def send(self, events: Any, project: str | None = None) -> None:
        events = list(events)
        self.gauges.n_events += len(events)
        self.gauges.n_errors += self.n_refused
        await super().send(events, project)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> _Shop:
    shop = _Shop(["tea", "lamp"])
    monkeypatch.setattr(performance, "ShopClient", lambda url, gauges: shop)
    monkeypatch.setattr("coadapt.cli._play.showcase.MAX_WAIT_S", 0.0)
    return shop


@pytest.fixture
def scene(world) -> Scene:
    past = pl.DataFrame({"type": ["like"] * 2_500, "item_id": ["tea", None] * 1_250})
    return Scene(world, past, {}, is_made_up=True)


@pytest.fixture
def service() -> Mock:
    return Mock(spec=Service, url="http://127.0.0.1:1")


def _performance(scene: Scene, service: Mock, seconds: float | None) -> Performance:
    wishes = Wishes(seconds=seconds)
    gauges, score = Gauges(started_s=time.monotonic()), Score.of(scene.world)
    return Performance(scene, service, wishes, gauges, score)


def test_the_past_is_sent_whole_and_in_order_of_batches(scene, service, shop) -> None:
    told: list[float] = []
    n_sent = asyncio.run(fill(scene, service, lambda done, total, _: told.append(done)))
    assert n_sent == len(shop.sent) == 2_500
    assert told == [1_000, 2_000, 2_500]


def test_what_is_unknown_is_not_sent(scene, service, shop) -> None:
    asyncio.run(fill(scene, service, Mock()))
    assert shop.sent[:2] == [{"type": "like", "item_id": "tea"}, {"type": "like"}]
    assert "price" not in shop.described[2]
    assert shop.described[0]["price"] == 2.5


def test_a_past_that_is_refused_ends_the_play(scene, service, shop) -> None:
    shop.n_refused = 2
    with pytest.raises(ServiceError, match="6 events or requests were refused"):
        asyncio.run(fill(scene, service, Mock()))


def test_a_service_that_ends_while_it_is_filled_is_told(scene, service, shop) -> None:
    service.check.side_effect = ServiceError("gone")
    with pytest.raises(ServiceError, match="gone"):
        asyncio.run(fill(scene, service, Mock()))


def test_a_play_is_over_after_its_seconds(scene, service, shop) -> None:
    play, refresh = _performance(scene, service, seconds=0.2), Mock()
    started_s = time.monotonic()
    asyncio.run(play.run(refresh, every_s=0.05))
    assert 0.1 < time.monotonic() - started_s < 5
    assert refresh.call_count >= 3


def test_the_first_change_is_shown_before_the_first_shopper(scene, service, shop) -> None:
    play = _performance(scene, service, seconds=0.0)
    asyncio.run(play.run(Mock(), every_s=0.05))
    assert play.score.change is not None
    assert shop.sent[0]["anonymous_id"] == "showcase-1"


def test_a_service_that_ends_by_itself_ends_the_play(scene, service, shop) -> None:
    service.check.side_effect = ServiceError("gone")
    with pytest.raises(ServiceError, match="gone"):
        asyncio.run(_performance(scene, service, seconds=None).run(Mock(), every_s=0.05))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_ends_the_play_in_order(scene, service, shop, number) -> None:
    refresh = Mock(side_effect=lambda: os.kill(os.getpid(), number))
    asyncio.run(_performance(scene, service, seconds=None).run(refresh, every_s=0.05))
    assert refresh.call_count == 1


def test_afterwards_signals_do_what_they_did_before(scene, service, shop) -> None:
    async def play_and_look() -> object:
        await _performance(scene, service, seconds=0.0).run(Mock(), every_s=0.05)
        return signal.getsignal(signal.SIGTERM)

    assert asyncio.run(play_and_look()) == signal.getsignal(signal.SIGTERM)
