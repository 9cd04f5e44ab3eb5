"""Run a play: let shoppers come, look at it again and again."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from coadapt.cli._play.client import ShopClient
from coadapt.cli._play.gauges import Gauges
from coadapt.cli._play.play import N_SHOPPERS, Score, Wishes
from coadapt.cli._play.scene import Scene
from coadapt.cli._play.service import Service
from coadapt.cli._play.shoppers import Crowd
from coadapt.cli._play.showcase import change_by_one_event

SHOWCASE_EVERY_S: Final = 12.0
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Performance:
    """Play a scene on a service; `gauges` and `score` say at any time how it goes."""

    scene: Scene
    service: Service
    wishes: Wishes
    gauges: Gauges
    score: Score

    async def run(self, refresh: Callable[[], None], every_s: float) -> None:
        """Play until the wished seconds are over or a signal comes; `refresh` is called meanwhile.

        Raises ServiceError when the service ends.
        """
        stop = asyncio.Event()
        with _stopping(stop):
            async with ShopClient(self.service.url, self.gauges) as client:
                crowd = Crowd(self.scene.world, client, self.score, self.wishes.seed)
                await self._show_change(client, 0)
                await _beside(
                    self._watch(stop, refresh, every_s),
                    crowd.play(N_SHOPPERS),
                    self._show_changes(client),
                )

    async def _watch(
        self, stop: asyncio.Event, refresh: Callable[[], None], every_s: float
    ) -> None:
        """Read the gauges and refresh until it is over."""
        while not stop.is_set():
            self.gauges.mark(time.monotonic())
            self.service.check()
            refresh()
            left_s = self._left_s()
            if left_s <= 0:
                return
            try:
                await asyncio.wait_for(stop.wait(), min(every_s, left_s))
            except TimeoutError:
                continue

    def _left_s(self) -> float:
        """Return how long to play on."""
        if self.wishes.seconds is None:
            return float("inf")
        return self.gauges.started_s + self.wishes.seconds - time.monotonic()

    async def _show_changes(self, client: ShopClient) -> None:
        """Show again and again, with another visitor each time, what one event does."""
        n_th = 0
        while True:
            await asyncio.sleep(SHOWCASE_EVERY_S)
            n_th += 1
            await self._show_change(client, n_th)

    async def _show_change(self, client: ShopClient, n_th: int) -> None:
        """Keep the newest change that could be shown."""
        change = await change_by_one_event(self.scene.world, client, n_th)
        self.score.change = change or self.score.change


async def _beside(main: Coroutine[Any, Any, None], *others: Coroutine[Any, Any, None]) -> None:
    """Run coroutines until the first returns or fails, then end the others."""
    tasks = [asyncio.create_task(each) for each in (main, *others)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


@contextmanager
def _stopping(stop: asyncio.Event) -> Iterator[None]:
    """Let Ctrl-C and requests to end set an event instead of tearing requests apart."""
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
