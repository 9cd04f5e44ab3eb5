"""A play lets shoppers come until its time is over."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from unittest.mock import Mock

import pytest

from coadapt.cli._play.gauges import Gauges
from coadapt.cli._play.performance import Performance
from coadapt.cli._play.play import Score, Wishes
from coadapt.cli._play.scene import Scene
from coadapt.cli._play.service import ServiceError


def _performance(scene: Scene, service: Mock, seconds: float | None) -> Performance:
    wishes = Wishes(seconds=seconds)
    gauges, score = Gauges(started_s=time.monotonic()), Score.of(scene.world)
    return Performance(scene, service, wishes, gauges, score)


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
