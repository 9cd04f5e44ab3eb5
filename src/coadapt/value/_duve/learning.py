"""Learn from a stream: lay it out by user, teach every member, and keep a prior."""

from __future__ import annotations

from typing import Final

import numpy as np

from coadapt.data.stream import Stream
from coadapt.domain.errors import EmptyDataError
from coadapt.domain.resources import Resources
from coadapt.value._duve.arrivals import Arrivals, arrivals_of, known_types
from coadapt.value._duve.config import DUVEConfig
from coadapt.value._duve.fitted import Fitted, new_member, seeded
from coadapt.value._duve.state import State
from coadapt.value._duve.timeline import Timeline
from coadapt.value._duve.training import Lesson
from coadapt.value._quantiles import prior_of

REFERRALS: Final = ("share", "follow")


def learn(known: Stream, config: DUVEConfig, resources: Resources, as_of: int) -> Fitted:
    """Learn from what is known at `as_of` (epoch ms). Raises EmptyDataError."""
    if not len(known):
        raise EmptyDataError("a value model needs events to learn from; none is known yet")
    type_names = known_types(known)
    arrivals = arrivals_of(known, type_names, config.spend_types)
    members = tuple(
        new_member(config, len(type_names), resources.seed + number)
        for number in range(config.n_members)
    )
    blank = Fitted(members, type_names, typical_log(arrivals), np.zeros(0))
    lesson = Lesson(lay_out(known, config, blank), config, as_of)
    for number, member in enumerate(members):
        with seeded(resources.seed + number):
            lesson.teach(member, resources, resources.seed + number)
    prior = prior_of(lesson.typical_spend(np.random.default_rng(resources.seed)))
    return Fitted(members, type_names, blank.typical_log, prior)


def lay_out(known: Stream, config: DUVEConfig, fitted: Fitted) -> Timeline:
    """Lay events out in the order in which they count, with what their messages are made of."""
    counts_from = np.maximum(known.times, known.received)
    order = np.argsort(counts_from, kind="stable")
    arrivals = arrivals_of(known, fitted.type_names, config.spend_types).take(order)
    # Inputs do not depend on members, so none needs a memory here.
    state = State(config, None, fitted.typical_log)
    inputs, trace = state.fold(arrivals, counts_from[order])
    referrals = [row for row, name in enumerate(fitted.type_names) if name in REFERRALS]
    is_referral = np.isin(arrivals.types, referrals)
    return Timeline(arrivals, counts_from[order], inputs, is_referral, state.market, trace)


def typical_log(arrivals: Arrivals) -> float:
    """Return the mean logarithm of an amount, 0 where nothing was paid."""
    paid = arrivals.amounts[arrivals.amounts != 0]
    return float(np.log1p(np.abs(paid)).mean()) if len(paid) else 0.0
