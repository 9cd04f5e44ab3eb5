"""Turn a query into what a pipeline is asked: the person's past and what may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from coadapt.data.batches import BoolArray, IntArray
from coadapt.domain.queries import ItemFilter, Query
from coadapt.serving.pipeline import Pipeline
from coadapt.serving.scoring import Question
from coadapt.stores.base import FeatureStore, Past

MAX_HISTORY: Final = 1_000
"""Newest events of a person that an answer looks at."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Hold a question, the past it rests on, and the last event folded into that past."""

    question: Question
    past: Past
    log_position: int

    @property
    def is_cold(self) -> bool:
        """Tell whether the run knows nothing of this past."""
        return len(self.question.rows) == 0


def ask(features: FeatureStore, pipeline: Pipeline, query: Query) -> Asking:
    """Return the question that a query puts to a pipeline."""
    log_position = features.position
    item_ids = features.item_ids(query.project)
    past = past_of(features, query, log_position)
    if query.history is None:
        rows = pipeline.by_number.rows(item_ids)[past.items]
        times, values = past.times, past.values
    else:
        rows = pipeline.vocabulary.rows(query.history)
        times = np.full(len(rows), query.as_of, np.int64)
        values = np.full(len(rows), np.nan)
    known = rows >= 0
    question = Question(
        pipeline=pipeline,
        rows=rows[known],
        times=times[known],
        values=values[known],
        count=query.count,
        candidates=_candidates(pipeline, query),
        allowed=_allowed(features, pipeline, query, item_ids),
        skip_seen="not_seen" in pipeline.config.filters,
    )
    return Asking(question, past, log_position)


def past_of(features: FeatureStore, query: Query, log_position: int) -> Past:
    """Return a person's past up to `as_of` and to a log position, oldest first."""
    past = features.past(query.project, query.person, as_of=query.as_of, limit=MAX_HISTORY)
    if not len(past.positions) or past.positions.max() <= log_position:
        return past
    kept = past.positions <= log_position
    return Past(
        past.items[kept],
        past.types[kept],
        past.times[kept],
        past.values[kept],
        past.positions[kept],
    )


def narrows(query: Query) -> bool:
    """Tell whether a query filters by attributes: an item never described then passes nothing."""
    return query.item_filter is not None and query.item_filter != ItemFilter()


def narrowed(features: FeatureStore, query: Query) -> Query:
    """Return a query whose items to rank are those that may be shown.

    Available, in the filter, not excluded; without such a list the query as it is.
    """
    if query.item_ids is None:
        return query
    item_ids = features.item_ids(query.project)
    mask = features.allowed(query.project, as_of=query.as_of, item_filter=query.item_filter)
    is_listed = narrows(query)
    listed = {item_ids[number] for number in np.flatnonzero(mask == is_listed).tolist()}
    kept = tuple(
        item_id
        for item_id in query.item_ids
        if (item_id in listed) is is_listed and item_id not in query.exclude_item_ids
    )
    return replace(query, item_ids=kept)


def _candidates(pipeline: Pipeline, query: Query) -> IntArray | None:
    """Return the rows of the items to rank, None when the query names none."""
    if query.item_ids is None:
        return None
    rows = pipeline.vocabulary.rows(query.item_ids)
    return rows[rows >= 0]


def _allowed(
    features: FeatureStore, pipeline: Pipeline, query: Query, item_ids: Sequence[str]
) -> BoolArray | None:
    """Return which rows of the run may be shown: available, in the filter, not excluded."""
    allowed = None
    if query.item_filter is not None or "available" in pipeline.config.filters:
        by_number = features.allowed(
            query.project, as_of=query.as_of, item_filter=query.item_filter
        )
        allowed = pipeline.by_number.mask(by_number, item_ids, otherwise=not narrows(query))
    excluded = pipeline.vocabulary.rows(tuple(query.exclude_item_ids))
    if not (excluded >= 0).any():
        return allowed
    kept = np.ones(len(pipeline.vocabulary), np.bool_) if allowed is None else allowed.copy()
    kept[excluded[excluded >= 0]] = False
    return kept
