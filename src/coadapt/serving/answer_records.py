"""Write an answer into the log so that it can be asked again, and read it back."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import msgspec

from coadapt.domain.events import Event
from coadapt.domain.queries import ItemFilter, Person, Query
from coadapt.domain.slates import Slate


def recommendation_event(slate: Slate, query: Query, received_at: int) -> Event:
    """Return the record of an answer: with the log it says how the answer came about."""
    return Event(
        event_id=slate.recommendation_id,
        type="$recommendation",
        timestamp=slate.as_of,
        project=query.project,
        user_id=query.person.user_id,
        anonymous_id=query.person.anonymous_id,
        context=query.context,
        properties=_record(slate, query),
        received_at=received_at,
    )


def _record(slate: Slate, query: Query) -> dict[str, Any]:
    """Return everything about an answer that later estimates need."""
    scores = [None if math.isnan(item.score) else item.score for item in slate.items]
    record: dict[str, Any] = {
        "items": [item.item_id for item in slate.items],
        "scores": scores,
        "propensities": [item.propensity for item in slate.items],
        "pipeline": slate.pipeline,
        "policy": slate.policy,
        "policy_version": slate.policy_version,
        "run": slate.run,
        "fallback": slate.fallback,
        "degraded": slate.degraded,
        "replay": slate.is_replay or None,
        "log_position": slate.log_position,
        "count": query.count,
        "surface": query.surface,
        "history": query.history,
        "item_ids": query.item_ids,
        "exclude_item_ids": sorted(query.exclude_item_ids) or None,
        "filter": _filter_record(query),
    }
    return {name: value for name, value in record.items() if value is not None}


def _filter_record(query: Query) -> dict[str, Any] | None:
    """Return the filter as JSON."""
    if query.item_filter is None:
        return None
    record = asdict(query.item_filter)
    record["one_of"] = {name: sorted(kept) for name, kept in query.item_filter.one_of.items()}
    return record


_Propensity = Annotated[float, msgspec.Meta(gt=0, le=1 + 1e-9)]


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an answer as it was recorded: the question, the state it rests on, and the slate.

    `scores` are NaN for items without one. `run` is None where no run was asked. A replay was
    shown to nobody.
    """

    recommendation_id: str
    query: Query
    log_position: int
    item_ids: tuple[str, ...]
    scores: tuple[float, ...]
    propensities: tuple[float, ...]
    run: str | None
    fallback: str | None
    is_replay: bool


class _Filter(msgspec.Struct):
    """Hold a filter as it is recorded."""

    one_of: dict[str, list[str]] = {}
    min_price: float | None = None
    max_price: float | None = None


class _Record(msgspec.Struct):
    """Hold what is read back of a record."""

    items: list[str]
    scores: list[float | None]
    propensities: list[_Propensity]
    log_position: int
    count: int
    run: str | None = None
    fallback: str | None = None
    replay: bool = False
    surface: str | None = None
    history: tuple[str, ...] | None = None
    item_ids: tuple[str, ...] | None = None
    exclude_item_ids: list[str] = []
    filter: _Filter | None = None


def answer_of(event: Event) -> Answer | None:
    """Return the answer that a `$recommendation` event records, None if it records none."""
    try:
        record = msgspec.convert(event.properties, _Record)
    except msgspec.ValidationError:
        return None
    if not len(record.items) == len(record.scores) == len(record.propensities):
        return None
    return Answer(
        event.event_id,
        _query_of(event, record),
        record.log_position,
        tuple(record.items),
        tuple(math.nan if score is None else score for score in record.scores),
        tuple(record.propensities),
        record.run,
        record.fallback,
        record.replay,
    )


def _query_of(event: Event, record: _Record) -> Query:
    """Return the question that was answered."""
    return Query(
        person=Person(event.user_id, event.anonymous_id),
        as_of=event.timestamp,
        project=event.project,
        count=record.count,
        surface=record.surface,
        context=event.context,
        history=record.history,
        item_ids=record.item_ids,
        exclude_item_ids=frozenset(record.exclude_item_ids),
        item_filter=_filter_of(record.filter),
    )


def _filter_of(record: _Filter | None) -> ItemFilter | None:
    """Return a filter that was recorded."""
    if record is None:
        return None
    one_of = {name: frozenset(kept) for name, kept in record.one_of.items()}
    return ItemFilter(one_of, record.min_price, record.max_price)
