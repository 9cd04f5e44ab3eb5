"""An answer is recorded so that it can be asked again."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from coadapt.domain.queries import ItemFilter, Person, Query
from coadapt.domain.slates import Slate, SlateItem
from coadapt.serving.answer_records import answer_of, recommendation_event
from coadapt.stores.event_rows import events_of, record_batch

NOW_MS = 1_795_300_000_000
QUERY = Query(Person("ann", "a-1"), NOW_MS, count=3)
SLATE = Slate(
    recommendation_id="r-1",
    items=(SlateItem("tea", 1, 0.5, 0.25), SlateItem("cup", 2, math.nan, 1.0)),
    pipeline="shop@1",
    policy="plackett_luce",
    policy_version="abc",
    as_of=NOW_MS,
    log_position=7,
    run="run-1",
)
NARROW = {
    "surface": "home",
    "context": {"device": "phone"},
    "history": ("tea",),
    "item_ids": ("tea", "cup"),
    "exclude_item_ids": frozenset({"pot"}),
    "item_filter": ItemFilter({"kind": frozenset({"a", "b"})}, max_price=3.0),
}


@pytest.mark.parametrize("fields", [{}, NARROW, {"item_filter": ItemFilter()}])
def test_a_recorded_answer_says_what_was_asked(fields: dict[str, Any]) -> None:
    query = replace(QUERY, **fields)
    event = recommendation_event(SLATE, query, NOW_MS)
    (stored,) = events_of(record_batch([event], [8]))
    answer = answer_of(stored)
    assert answer is not None
    assert answer.query == query
    assert (answer.recommendation_id, answer.log_position, answer.run) == ("r-1", 7, "run-1")
    assert (answer.item_ids, answer.propensities) == (("tea", "cup"), (0.25, 1.0))
    assert answer.scores[0] == 0.5
    assert math.isnan(answer.scores[1])
    assert answer.fallback is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": None},
        {"items": ["tea"]},
        {"propensities": [0.25, 0.0]},
        {"propensities": [0.25, 1.1]},
        {"propensities": [0.25]},
        {"log_position": "7"},
    ],
)
def test_a_record_that_is_none_is_no_answer(wrong: dict[str, Any]) -> None:
    event = recommendation_event(SLATE, QUERY, NOW_MS)
    assert answer_of(replace(event, properties={**event.properties, **wrong})) is None
