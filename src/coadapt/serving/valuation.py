"""Forecast what a person will spend, by the value model that serves their project."""

from __future__ import annotations

from coadapt.domain.errors import NotFoundError
from coadapt.domain.queries import Person
from coadapt.domain.valuations import Valuation
from coadapt.serving.fallback import COLD, OPTED_OUT
from coadapt.serving.loop import Loop
from coadapt.serving.value_state import ValueState
from coadapt.serving.value_telling import tell


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
        told = tell(state, number, as_of)
    n_events = 0 if number is None else features.span_of(project, number, as_of=as_of).n_events
    fallback = OPTED_OUT if not is_in else COLD if told.is_prior else None
    return Valuation(
        user_id=person.user_id or person.anonymous_id or "",
        as_of=as_of,
        horizon_days=state.model.config.horizon_days,
        currency=state.streams.exchange.base,
        expected_spend=told.expected_spend,
        quantiles=told.quantiles,
        p_purchase_session=told.p_purchase_session,
        p_return=told.p_return,
        segment=told.segment,
        drivers=told.drivers,
        events_seen=n_events,
        run=state.run_id,
        prior=told.is_prior,
        fallback=fallback,
    )
