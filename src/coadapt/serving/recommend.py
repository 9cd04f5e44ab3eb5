"""Answer a query with a slate, and record it with its propensities before it is shown."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from coadapt.domain.containment import contained
from coadapt.domain.errors import OverloadedError, ScoringError
from coadapt.domain.queries import Query
from coadapt.domain.slates import Slate, SlateItem
from coadapt.serving.answer_records import recommendation_event
from coadapt.serving.asking import Asking, ask, narrowed
from coadapt.serving.explain import reasons_of
from coadapt.serving.fallback import COLD, OPTED_OUT, POPULAR, popular_slate
from coadapt.serving.loop import Loop
from coadapt.serving.pipeline import Pipeline
from coadapt.serving.scoring import Choice

_logger = logging.getLogger(__name__)

MAX_SCORING_S: Final = 2.0


async def recommend(loop: Loop, query: Query, received_at: int) -> Slate:
    """Return a slate for anyone: known, new or unknown.

    With `query.item_ids` those that may be shown are ranked, items that the run does not know last.
    The slate is durable when this returns. Raises OverloadedError, StoreError, StoreFullError.
    """
    narrower = query
    if query.item_ids is not None:
        narrower = await asyncio.to_thread(narrowed, loop.features, query)
    slate = await _slate(loop, narrower)
    event = recommendation_event(slate, query, received_at)
    await asyncio.wrap_future(loop.journal.append([event]))
    loop.tally.add("recommendations", query.project, slate.fallback or "none")
    return slate


async def _slate(loop: Loop, query: Query) -> Slate:
    """Return the personal slate, or a popular one that says why it is none.

    Popularity may have to be counted anew, so it is not for the thread that talks HTTP.
    """
    if not loop.features.is_personalized(query.project, query.person, as_of=query.as_of):
        return await asyncio.to_thread(popular_slate, loop, query, OPTED_OUT)
    pipeline = loop.live.get(query.project)
    slate, is_degraded = None, pipeline is None and query.project in loop.live.faults()
    if pipeline is not None and query.item_ids != ():
        slate = await _attempt(loop, pipeline, query)
        is_degraded = slate is None
    if slate is not None and slate.items:
        return slate
    return await asyncio.to_thread(popular_slate, loop, query, POPULAR, is_degraded=is_degraded)


async def _attempt(loop: Loop, pipeline: Pipeline, query: Query) -> Slate | None:
    """Return what a pipeline chooses, None if it fails in whichever way.

    Raises OverloadedError.
    """
    slate = None
    with contained() as held:
        slate = await _ask(loop, pipeline, query)
    if isinstance(held.error, OverloadedError):
        raise held.error
    if not isinstance(held.error, ScoringError | TimeoutError | None):
        _logger.error("a live pipeline failed", exc_info=held.error)
    return slate


async def _ask(loop: Loop, pipeline: Pipeline, query: Query) -> Slate:
    """Return what a pipeline chooses. Raises OverloadedError, ScoringError, TimeoutError."""
    asking = ask(loop.features, pipeline, query)
    answered = asyncio.wrap_future(loop.scorer.ask(asking.question))
    slate = _personal_slate(loop, query, asking, await asyncio.wait_for(answered, MAX_SCORING_S))
    if not query.explain:
        return slate
    items = await asyncio.to_thread(reasons_of, loop, query, asking, slate.items)
    return replace(slate, items=tuple(items))


def _personal_slate(loop: Loop, query: Query, asking: Asking, choice: Choice) -> Slate:
    """Return the chosen rows as a slate."""
    pipeline = asking.question.pipeline
    items = list(_chosen(pipeline, choice))
    items += _unknown(pipeline, query, first_position=len(items) + 1)
    return Slate(
        recommendation_id=f"r-{loop.new_id()}",
        items=tuple(items),
        pipeline=pipeline.reference,
        policy=pipeline.config.policy.name,
        policy_version=pipeline.policy_version,
        as_of=query.as_of,
        log_position=asking.log_position,
        run=pipeline.config.recommender,
        fallback=COLD if asking.is_cold else None,
        is_replay=query.is_replay,
    )


def _chosen(pipeline: Pipeline, choice: Choice) -> Iterator[SlateItem]:
    """Yield the filled places."""
    ids = pipeline.vocabulary.ids
    columns = (choice.rows.tolist(), choice.scores.tolist(), choice.propensities.tolist())
    filled = [place for place in zip(*columns, strict=True) if place[0] >= 0]
    for position, (row, score, propensity) in enumerate(filled, start=1):
        yield SlateItem(ids[row], position, score, propensity)


def _unknown(pipeline: Pipeline, query: Query, first_position: int) -> Iterator[SlateItem]:
    """Yield the items to rank that the run does not know, in the order given, without a score."""
    unknown = [i for i in query.item_ids or () if i not in pipeline.vocabulary]
    for position, item_id in enumerate(unknown, start=first_position):
        yield SlateItem(item_id, position, math.nan, propensity=1.0)
