"""List the items that are most like one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np

from coadapt.domain.errors import NotFoundError
from coadapt.serving.fallback import POPULAR
from coadapt.serving.loop import Loop
from coadapt.serving.pipeline import Pipeline
from coadapt.serving.trending import trending


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Hold items with scores, best first; `fallback` says what answered instead."""

    items: list[tuple[str, float]]
    fallback: str | None = None


async def similar(loop: Loop, project: str, item_id: str, as_of: int, count: int) -> Neighbours:
    """Return the items most like one that may be shown; popular ones where no run knows it.

    Raises NotFoundError for an item that neither events nor the catalogue ever named.
    """
    pipeline = loop.live.get(project)
    if pipeline is not None and item_id in pipeline.vocabulary:
        return await asyncio.to_thread(
            _neighbours, loop, pipeline, (project, item_id, as_of, count)
        )
    if item_id not in loop.features.item_ids(project):
        raise NotFoundError("no such item", field="item_id")
    popular = await asyncio.to_thread(trending, loop, project, as_of, count + 1)
    return Neighbours([pair for pair in popular if pair[0] != item_id][:count], POPULAR)


def _neighbours(loop: Loop, pipeline: Pipeline, asked: tuple[str, str, int, int]) -> Neighbours:
    """Return the nearest items of a run, without those that may not be shown."""
    project, item_id, as_of, count = asked
    item_ids = loop.features.item_ids(project)
    allowed = pipeline.by_number.mask(loop.features.allowed(project, as_of=as_of), item_ids)
    row = pipeline.vocabulary.row(item_id)
    n_hidden = int(np.count_nonzero(~allowed))
    nearest = pipeline.recommender.similar(np.array([row]), min(count + n_hidden, len(allowed)))
    pairs = zip(nearest.rows[0].tolist(), nearest.scores[0].tolist(), strict=True)
    ids = pipeline.vocabulary.ids
    return Neighbours([(ids[r], score) for r, score in pairs if r >= 0 and allowed[r]][:count])
