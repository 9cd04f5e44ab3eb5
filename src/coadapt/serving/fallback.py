"""Answer without a pipeline: what is popular now, told as such."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

import numpy as np

from coadapt.data.batches import BoolArray
from coadapt.domain.queries import Query
from coadapt.domain.slates import Slate, SlateItem
from coadapt.serving.asking import past_of
from coadapt.serving.loop import Loop

POPULAR: Final = "popular"
OPTED_OUT: Final = "opted_out"
COLD: Final = "cold"


def popular_slate(loop: Loop, query: Query, fallback: str, *, is_degraded: bool = False) -> Slate:
    """Return the most popular items that may be shown, the same for the same state."""
    log_position = loop.features.position
    is_ranking = query.item_ids is not None
    chosen = _ranked(loop, query) if is_ranking else _popular(loop, query, fallback)
    return Slate(
        recommendation_id=f"r-{loop.new_id()}",
        items=tuple(
            SlateItem(item_id, place, score, propensity=1.0)
            for place, (item_id, score) in enumerate(chosen, start=1)
        ),
        pipeline=POPULAR,
        policy="greedy",
        policy_version=POPULAR,
        as_of=query.as_of,
        log_position=log_position,
        fallback=fallback,
        degraded=is_degraded,
        is_replay=query.is_replay,
    )


def _popular(loop: Loop, query: Query, fallback: str) -> list[tuple[str, float]]:
    """Return popular items, then any others of the catalogue, `query.count` at most."""
    mask = loop.features.allowed(query.project, as_of=query.as_of, item_filter=query.item_filter)
    hidden = _hidden(loop, query, mask)
    if fallback != OPTED_OUT:
        hidden |= _seen(loop, query)
    n_looked_at = query.count + len(hidden)
    trending = loop.features.trending(query.project, as_of=query.as_of, k=n_looked_at)
    chosen = {item_id: score for item_id, score in trending if item_id not in hidden}
    rest = (i for i in _others(loop, query, mask) if i not in hidden and i not in chosen)
    missing = islice(rest, max(0, query.count - len(chosen)))
    return [*islice(chosen.items(), query.count), *((item_id, 0.0) for item_id in missing)]


def _hidden(loop: Loop, query: Query, mask: BoolArray) -> set[str]:
    """Return what may be shown to nobody, and what the query excludes."""
    item_ids = loop.features.item_ids(query.project)
    return {item_ids[n] for n in np.flatnonzero(~mask).tolist()} | query.exclude_item_ids


def _seen(loop: Loop, query: Query) -> set[str]:
    """Return the items of a person's past, or of the history that the query gives in its place."""
    if query.history is not None:
        return set(query.history)
    item_ids = loop.features.item_ids(query.project)
    past = past_of(loop.features, query, loop.features.position)
    return {item_ids[number] for number in np.unique(past.items).tolist()}


def _others(loop: Loop, query: Query, mask: BoolArray) -> Iterator[str]:
    """Yield the catalogue, then what the live run knows beyond it and no filter speaks of."""
    item_ids = loop.features.item_ids(query.project)
    catalogue = [item_ids[number] for number in np.flatnonzero(mask).tolist()]
    yield from catalogue
    pipeline = loop.live.get(query.project)
    if pipeline is not None and query.item_filter is None:
        named = set(catalogue)
        yield from (item_id for item_id in pipeline.vocabulary.ids if item_id not in named)


def _ranked(loop: Loop, query: Query) -> list[tuple[str, float]]:
    """Return the items that a query names by popularity, ties in the order given."""
    item_ids = query.item_ids or ()
    n_items = max(1, len(loop.features.item_ids(query.project)))
    scores = dict(loop.features.trending(query.project, as_of=query.as_of, k=n_items))
    return sorted(
        ((item_id, scores.get(item_id, 0.0)) for item_id in item_ids), key=lambda pair: -pair[1]
    )
