"""Forecast what a person will spend, say what drives it, and where they stand among the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from coadapt.data.batches import FloatArray
from coadapt.domain.errors import NotFoundError
from coadapt.domain.queries import Person
from coadapt.domain.valuations import Driver, Valuation
from coadapt.serving.fallback import COLD, OPTED_OUT
from coadapt.serving.loop import Loop
from coadapt.serving.value_standing import standing_of
from coadapt.serving.value_state import ValueState
from coadapt.value.forecasts import Forecast
from coadapt.value.segments import SEGMENTS, UNKNOWN, segments_of

QUANTILES: Final = (0.05, 0.5, 0.95)


def value_of(loop: Loop, project: str, person: Person, now_ms: int) -> Valuation:
    """Forecast a person's spend from every event that was acknowledged before.

    Raises NotFoundError where no value model serves, ValuingError for one that failed.
    """
    return valuation(live_state(loop, project), person, now_ms)


def live_state(loop: Loop, project: str, field: str | None = None) -> ValueState:
    """Return the live value state of a project.

    Raises NotFoundError, which names the `field` that asked for one, and ValuingError.
    """
    state = loop.valuing.get(project)
    if state is None:
        raise NotFoundError(
            "no value model serves: `coadapt serve --value RUN`",
            code="no_value_model",
            field=field,
        )
    return state


def valuation(state: ValueState, person: Person, as_of: int) -> Valuation:
    """Forecast a person's spend as of an instant, or the newest event if that is later."""
    features, project = state.around.features, state.around.project
    with state.lock:
        state.settle()
        as_of = max(as_of, state.newest_ms)
        number = features.number_of(project, person)
        is_in = features.is_personalized(project, person, as_of=as_of)
        if number is None or not is_in:
            number = None
        told = _told(state, number, as_of)
    n_events = 0 if number is None else features.span_of(project, number, as_of=as_of).n_events
    is_prior = bool(told.forecast.is_prior[0])
    fallback = OPTED_OUT if not is_in else COLD if is_prior else None
    return Valuation(
        user_id=person.user_id or person.anonymous_id or "",
        as_of=as_of,
        horizon_days=state.model.config.horizon_days,
        currency=state.streams.exchange.base,
        expected_spend=float(told.forecast.expected_spend[0]),
        quantiles={f"{level:g}": float(told.forecast.at(level)[0]) for level in QUANTILES},
        p_purchase_session=_first(told.forecast.p_purchase_session),
        p_return=_first(told.forecast.p_return),
        segment=told.segment,
        drivers=told.drivers,
        events_seen=n_events,
        run=state.run_id,
        prior=is_prior,
        fallback=fallback,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """Hold what a model says of one person."""

    forecast: Forecast
    segment: str
    drivers: tuple[Driver, ...] | None


def _told(state: ValueState, number: int | None, as_of: int) -> _Told:
    """Ask the model about one person; None is nobody whom it knows. Call under the lock."""
    if number is None:
        nobody = np.array([state.roster.n_rows], np.int64)
        drivers = _drivers(state, int(nobody[0]), as_of)
        return _Told(state.model.value(nobody, as_of), SEGMENTS[UNKNOWN], drivers)
    people = np.array([number], np.int64)
    with state.rows_of(people, as_of) as rows:
        forecast = state.model.value(rows, as_of)
        standing = standing_of(state, people, forecast, rows, as_of)
        segment = int(segments_of(standing, state.loaded.thresholds)[0])
        return _Told(forecast, SEGMENTS[segment], _drivers(state, int(rows[0]), as_of))


def _drivers(state: ValueState, row: int, as_of: int) -> tuple[Driver, ...] | None:
    """Return what raised or lowered a forecast, the strongest first; None if it is not known."""
    drivers = state.model.drivers(row, as_of)
    if drivers is None:
        return None
    pairs = zip(drivers.type_names, drivers.contributions.tolist(), strict=True)
    moved = [Driver(name, share) for name, share in pairs if share != 0]
    return tuple(sorted(moved, key=lambda driver: -abs(driver.contribution)))


def _first(column: FloatArray | None) -> float | None:
    """Return the only number of a head that a model may not have."""
    return None if column is None else float(column[0])
