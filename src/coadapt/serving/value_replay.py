"""Forecast as of an instant of the past, exactly: fold what had happened by then anew."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from coadapt.domain.queries import Person
from coadapt.domain.valuations import Valuation
from coadapt.serving.loop import Loop
from coadapt.serving.valuation import live_state, valuation
from coadapt.serving.value_state import Surroundings, ValueState
from coadapt.stores.base import EVENT_SCHEMA
from coadapt.stores.memory import MemoryFeatureStore

_one_at_a_time: Final = Lock()


def value_then(loop: Loop, project: str, person: Person, as_of: int) -> Valuation:
    """Forecast a person's spend from the events with a timestamp up to an instant, and no other.

    It reads the project's whole log up to now: for replays and audits, not for traffic. Raises as
    `value_of`.
    """
    live = live_state(loop, project)
    with _one_at_a_time:
        state = _state_then(live, loop.valuing.surroundings(project), as_of)
    return replace(valuation(state, person, as_of), as_of=as_of, replay=True)


def _state_then(live: ValueState, around: Surroundings, as_of: int) -> ValueState:
    """Return the state that a fresh model had at an instant."""
    features = MemoryFeatureStore()
    state = ValueState(live.loaded.anew(), around.aside(features))
    features.follow(state)
    for batch in around.store.scan(project=around.project, until=around.features.position):
        features.update(_known_then(batch, as_of))
        state.settle()
    return state


def _known_then(batch: pa.RecordBatch, as_of: int) -> pa.RecordBatch:
    """Return the events that had happened by an instant, as if they had arrived by then."""
    happened = batch.filter(pc.less_equal(batch.column("timestamp"), as_of))
    arrived = pc.min_element_wise(happened.column("received_at"), as_of)
    place = happened.schema.get_field_index("received_at")
    return happened.set_column(place, EVENT_SCHEMA.field("received_at"), arrived)
