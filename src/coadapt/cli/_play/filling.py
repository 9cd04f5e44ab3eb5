"""Fill the service with the catalogue and the past of a scene."""

from __future__ import annotations

import time
from typing import Any, Final

from coadapt.cli._play.client import ShopClient
from coadapt.cli._play.gauges import Gauges
from coadapt.cli._play.scene import Scene
from coadapt.cli._play.service import Service, ServiceError
from coadapt.domain.progress import Progress

BATCH: Final = 1_000

JSON = dict[str, Any]


async def fill(scene: Scene, service: Service, progress: Progress) -> int:
    """Send the catalogue and the past; return how many events that was. Raises ServiceError."""
    async with ShopClient(service.url, Gauges(time.monotonic())) as client:
        await client.wait_until_ready()
        await client.put_items(_described(scene))
        for first in range(0, len(scene.past), BATCH):
            await client.send(_past_events(scene, first))
            progress(min(first + BATCH, len(scene.past)), len(scene.past), "sending the past")
            service.check()
        if client.gauges.n_errors:
            raise ServiceError(f"{client.gauges.n_errors} events or requests were refused")
        return client.gauges.n_events


def _described(scene: Scene) -> list[JSON]:
    """Return the catalogue without what is unknown."""
    rows = scene.world.goods.table.to_dicts()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def _past_events(scene: Scene, first: int) -> list[JSON]:
    """Return a batch of past events."""
    rows = scene.past.slice(first, BATCH).to_dicts()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]
