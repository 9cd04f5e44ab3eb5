"""Follow what a person will be worth, event by event: the dynamic user value evaluator."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor
from typing_extensions import override

from coadapt.data.batches import BoolArray, IntArray, ScoreArray
from coadapt.data.stream import Stream
from coadapt.domain.errors import NotFittedError
from coadapt.domain.resources import Resources
from coadapt.value._duve.arrivals import NO_ARRIVALS, Arrivals, arrivals_of
from coadapt.value._duve.averaging import forecast_of
from coadapt.value._duve.config import DUVEConfig
from coadapt.value._duve.drivers import drivers_of
from coadapt.value._duve.fitted import Fitted
from coadapt.value._duve.learning import learn
from coadapt.value._duve.overlay import read_ahead
from coadapt.value._duve.state import Reading, State
from coadapt.value._pending import Pending
from coadapt.value.base import ValueModel, Weights
from coadapt.value.forecasts import Drivers, Forecast

__all__ = ["DUVE", "DUVEConfig"]

REFRESH_MS: Final = {"event": 1, "15min": 900_000, "hour": 3_600_000}


class DUVE(ValueModel[DUVEConfig]):
    """Keep a 128-dimensional state of each user that every event moves and time lets fade.

    h_u(t) = Σ_{τ<t} exp(-λ_type · (t - τ)) · GNN(G_τ), with a learnable λ a type and time scale.
    The message of an event is made once, by graph attention over the event, its item, host and
    user as they stood on its arrival. Attention over types fuses the sums; heads read spend within
    the horizon as a zero-inflated log-normal, the probability of an event and of a purchase in this
    session, and the number of events and of shares and follows.
    """

    Config = DUVEConfig

    def __init__(self, config: DUVEConfig) -> None:
        super().__init__(config)
        self._learned: Fitted | None = None

    @override
    def fit(self, stream: Stream, resources: Resources, as_of: int) -> None:
        self._become(learn(stream.known_at(as_of), self.config, resources, as_of))

    @override
    def update(self, events: Stream) -> None:
        fitted = self._fitted
        if not len(events):
            return
        arrivals = arrivals_of(events, fitted.type_names, self.config.spend_types)
        boundary = REFRESH_MS[self.config.refresh]
        refreshed = -(-events.received // boundary) * boundary
        columns = {**arrivals.columns(), "counts_from": np.maximum(events.times, refreshed)}
        due = self._pending.settle(columns, events.received)
        if len(due["users"]):
            counts_from = due.pop("counts_from")
            self._state.fold(Arrivals(**due), counts_from)

    @override
    def refold(self, events: Stream) -> None:
        with self._state.only_users(events.items, events.hosts):
            self.update(events)

    @override
    def value(
        self, users: IntArray, as_of: int | IntArray, horizon_days: int | None = None
    ) -> Forecast:
        fitted = self._fitted
        self.horizon(horizon_days)
        states, is_prior = self._states(users, as_of)
        with torch.no_grad():
            outlooks = [m.heads(s) for m, s in zip(fitted.members, states, strict=True)]
        return forecast_of(outlooks, is_prior, fitted.prior)

    @override
    def embed(self, users: IntArray, as_of: int | IntArray) -> ScoreArray:
        states, _ = self._states(users, as_of)
        embedding: ScoreArray = torch.stack(states).mean(dim=0).numpy()
        return embedding

    @override
    def drivers(self, user: int, as_of: int) -> Drivers | None:
        fitted = self._fitted
        reading = self._read(np.array([user]), as_of)
        sums = [part[0] for part in reading.sums]
        return drivers_of(fitted.members, sums, reading.context, fitted.type_names)

    @override
    def weights(self) -> Weights:
        return self._fitted.arrays()

    @override
    def load_weights(self, weights: Weights) -> None:
        self._become(Fitted.from_arrays(self.config, weights))

    @override
    def state(self) -> Weights:
        _ = self._fitted
        pending = {f"pending.{name}": array for name, array in self._pending.state().items()}
        return {**self._state.arrays(), **pending}

    @override
    def load_state(self, state: Weights) -> None:
        _ = self._fitted
        self._state.load(state)
        names = self._pending.state()
        self._pending.load_state({name: state[f"pending.{name}"] for name in names})

    @override
    def forget(self, users: IntArray) -> None:
        _ = self._fitted
        self._state.clear(users)
        self._pending.forget(users)

    def _become(self, fitted: Fitted) -> None:
        """Take over what was learned and empty the state."""
        self._learned = fitted
        self._state = State(self.config, fitted.members, fitted.typical_log)
        like = {**NO_ARRIVALS.columns(), "counts_from": np.empty(0, np.int64)}
        self._pending = Pending(like, due_at="counts_from")

    def _states(self, users: IntArray, as_of: int | IntArray) -> tuple[list[Tensor], BoolArray]:
        """Return each member's states (n, EMBEDDING_DIM), and who is unknown."""
        members = self._fitted.members
        reading = self._read(users, as_of)
        with torch.no_grad():
            states = [
                member.states(sums, reading.context)
                for member, sums in zip(members, reading.sums, strict=True)
            ]
        return states, reading.is_unknown

    def _read(self, users: IntArray, as_of: int | IntArray) -> Reading:
        """Return what forecasts are read from, as of the last refresh."""
        boundary = REFRESH_MS[self.config.refresh]
        instants = np.broadcast_to(np.asarray(as_of, np.int64), users.shape)
        instants = instants // boundary * boundary
        if len(self._pending):
            return read_ahead(self._state, self._pending, users, instants)
        return self._state.read(users, instants)

    @property
    def _fitted(self) -> Fitted:
        """Return what was learned. Raises NotFittedError."""
        if self._learned is None:
            raise NotFittedError("duve has not been fitted or loaded: call fit first")
        return self._learned
