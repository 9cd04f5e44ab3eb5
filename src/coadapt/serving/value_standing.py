"""See where people of a live state stand now, beside the forecast of a week before."""

from __future__ import annotations

import numpy as np

from coadapt.data.batches import FloatArray, IntArray
from coadapt.domain.durations import DAY_MS
from coadapt.serving.value_state import ValueState
from coadapt.value.forecasts import Forecast
from coadapt.value.segments import CHANGE_DAYS, Standing, depends_on_change


def standing_of(
    state: ValueState, people: IntArray, forecast: Forecast, rows: IntArray, as_of: int
) -> Standing:
    """Return how people stand whose forecast as of an instant is given; call under the lock.

    The forecast of a week before is that of their events up to then: of who has been silent since,
    it is read off the same state; the others' events are folded again for it. It is NaN, too, where
    the segment does not hang on it.
    """
    features, project = state.around.features, state.around.project
    spans = [features.span_of(project, int(person), as_of=as_of) for person in people]
    first, last = (
        np.array([np.nan if edge is None else edge for edge in edges], np.float64)
        for edges in ([span.first for span in spans], [span.last for span in spans])
    )
    recency, tenure = (as_of - last) / DAY_MS, (as_of - first) / DAY_MS
    before = np.full(len(people), np.nan)
    asked = np.flatnonzero(depends_on_change(recency, tenure, state.loaded.thresholds))
    span = (first[asked], last[asked])
    earlier = as_of - CHANGE_DAYS * DAY_MS
    before[asked] = _before(state, people[asked], rows[asked], span, earlier)
    return Standing(forecast.expected_spend, before, recency, tenure, ~forecast.is_prior)


def _before(
    state: ValueState,
    people: IntArray,
    rows: IntArray,
    span: tuple[FloatArray, FloatArray],
    earlier: int,
) -> FloatArray:
    """Return the expected spend as of an earlier instant, NaN for who was unknown then."""
    first, last = span
    spend = np.full(len(people), np.nan)
    is_silent = last <= earlier
    if is_silent.any():
        spend[is_silent] = state.model.value(rows[is_silent], earlier).expected_spend
    was_active = (first <= earlier) & ~is_silent
    if was_active.any():
        with state.lent(people[was_active], earlier) as lent:
            spend[was_active] = state.model.value(lent, earlier).expected_spend
    return spend
