"""Follow what a person will be worth, event by event: the dynamic user value evaluator."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from typing_extensions import override

from coadapt.data.batches import BoolArray, IntArray, ScoreArray
from coadapt.data.stream import Stream
from coadapt.domain.errors import NotFittedError
from coadapt.domain.resources import Resources
from coadapt.value._duve.averaging import forecast_of
from coadapt.value._duve.config import DUVEConfig
from coadapt.value._duve.drivers import drivers_of
from coadapt.value._duve.fitted import Fitted
from coadapt.value._duve.following import Follower
from coadapt.value._duve.learning import learn
from coadapt.value.base import ValueModel, Weights
from coadapt.value.forecasts import Drivers, Forecast

__all__ = ["DUVE", "DUVEConfig"]

_Part = TypeVar("_Part")


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
        self._fitted: Fitted | None = None
        self._follower: Follower | None = None

    @override
    def fit(self, stream: Stream, resources: Resources, as_of: int) -> None:
        self._become(learn(stream.known_at(as_of), self.config, resources, as_of))

    @override
    def update(self, events: Stream) -> None:
        self._require(self._follower).update(events)

    @override
    def refold(self, events: Stream) -> None:
        self._require(self._follower).refold(events)

    @override
    def value(
        self, users: IntArray, as_of: int | IntArray, horizon_days: int | None = None
    ) -> Forecast:
        states, is_prior = self._states(users, as_of)
        fitted = self._require(self._fitted)
        self.horizon(horizon_days)
        return forecast_of(fitted.asker.outlooks(states), is_prior, fitted.prior)

    @override
    def embed(self, users: IntArray, as_of: int | IntArray) -> ScoreArray:
        states, _ = self._states(users, as_of)
        embedding: ScoreArray = states.mean(axis=0)
        return embedding

    @override
    def drivers(self, user: int, as_of: int) -> Drivers | None:
        fitted = self._require(self._fitted)
        reading = self._require(self._follower).read(np.array([user]), as_of)
        sums = [part[0] for part in reading.sums]
        return drivers_of(fitted.asker, sums, reading.context, fitted.type_names)

    @override
    def weights(self) -> Weights:
        return self._require(self._fitted).arrays()

    @override
    def load_weights(self, weights: Weights) -> None:
        self._become(Fitted.from_arrays(self.config, weights))

    @override
    def state(self) -> Weights:
        return self._require(self._follower).arrays()

    @override
    def load_state(self, state: Weights) -> None:
        self._require(self._follower).load(state)

    @property
    @override
    def bytes_per_user(self) -> float:
        return self._require(self._follower).state.bytes_per_user

    @override
    def forget(self, users: IntArray) -> None:
        self._require(self._follower).forget(users)

    def _become(self, fitted: Fitted) -> None:
        """Take over what was learned and empty the state."""
        self._fitted, self._follower = fitted, Follower(self.config, fitted)

    def _states(self, users: IntArray, as_of: int | IntArray) -> tuple[ScoreArray, BoolArray]:
        """Return states (n_members, n, EMBEDDING_DIM), and who is unknown."""
        reading = self._require(self._follower).read(users, as_of)
        states = self._require(self._fitted).asker.states(reading.sums, reading.context)
        return states, reading.is_unknown

    def _require(self, part: _Part | None) -> _Part:
        """Return what there is after fitting. Raises NotFittedError."""
        if part is None:
            raise NotFittedError("duve has not been fitted or loaded: call fit first")
        return part
