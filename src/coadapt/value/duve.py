"""Follow what a person will be worth, event by event: the dynamic user value evaluator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from typing_extensions import override

from coadapt.data.batches import FloatArray, IntArray, ScoreArray
from coadapt.data.stream import Stream
from coadapt.domain.errors import EmptyDataError, NotFittedError
from coadapt.domain.resources import Resources
from coadapt.value._duve.config import DUVEConfig
from coadapt.value._duve.context import context_of
from coadapt.value._duve.drivers import drivers_of
from coadapt.value._duve.heads import Outlook
from coadapt.value._duve.inputs import NO_ARRIVALS, Arrivals, Typical
from coadapt.value._duve.memory import EMPTY
from coadapt.value._duve.network import Network
from coadapt.value._duve.overlay import read_ahead
from coadapt.value._duve.state import Reading, State
from coadapt.value._duve.timeline import Timeline
from coadapt.value._duve.training import Lesson
from coadapt.value._pending import Pending
from coadapt.value._quantiles import prior_of, with_prior, zero_inflated_log_normal
from coadapt.value.base import ValueModel, Weights
from coadapt.value.forecasts import Drivers, Forecast
from coadapt.value.spending import net_amounts

__all__ = ["DUVE", "DUVEConfig"]

OTHER: Final = "(other)"
"""The type that stands for every one that training did not see."""

REFERRALS: Final = ("share", "follow")

REFRESH_MS: Final = {"event": 1, "15min": 900_000, "hour": 3_600_000}


@dataclass(frozen=True)
class _Fitted:
    """Hold what was learned: `prior` is of `prior_of`, `typical_log` the mean log of an amount."""

    members: tuple[Network, ...]
    type_names: tuple[str, ...]
    typical_log: float
    prior: FloatArray


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
        self._learned: _Fitted | None = None

    @override
    def fit(self, stream: Stream, resources: Resources, as_of: int) -> None:
        known = stream.known_at(as_of)
        if not len(known):
            raise EmptyDataError("a value model needs events to learn from; none is known yet")
        type_names = (*(known.type_names[row] for row in np.unique(known.types)), OTHER)
        amounts = net_amounts(known, self.config.spend_types)
        typical_log = float(np.log1p(np.abs(amounts[amounts != 0])).mean()) if amounts.any() else 0
        members = tuple(
            self._new_member(len(type_names), resources.seed + number)
            for number in range(self.config.n_members)
        )
        timeline = self._timeline(known, type_names, members[:1], typical_log)
        lesson = Lesson(timeline, self.config, as_of)
        for number, member in enumerate(members):
            with _seeded(resources.seed + number):
                lesson.teach(member, resources, resources.seed + number)
        prior = prior_of(lesson.typical_spend(np.random.default_rng(resources.seed)))
        self._become(_Fitted(members, type_names, typical_log, prior))

    @override
    def update(self, events: Stream) -> None:
        fitted = self._fitted
        if not len(events):
            return
        arrivals = self._arrivals(events, fitted.type_names)
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
        return with_prior(_forecast(outlooks), is_prior, fitted.prior)

    @override
    def embed(self, users: IntArray, as_of: int | IntArray) -> ScoreArray:
        states, _ = self._states(users, as_of)
        embedding: ScoreArray = torch.stack(states).mean(dim=0).numpy()
        return embedding

    @override
    def drivers(self, user: int, as_of: int) -> Drivers | None:
        fitted = self._fitted
        reading, context = self._read(np.array([user]), as_of)
        sums = [part[0] for part in reading.sums]
        return drivers_of(fitted.members, sums, context, fitted.type_names)

    @override
    def weights(self) -> Weights:
        fitted = self._fitted
        names = json.dumps(fitted.type_names).encode()
        arrays: dict[str, npt.NDArray[Any]] = {
            "type_names": np.frombuffer(names, np.uint8),
            "typical_log": np.array([fitted.typical_log]),
            "prior": fitted.prior,
        }
        for number, member in enumerate(fitted.members):
            for name, weight in member.state_dict().items():
                arrays[f"members.{number}.{name}"] = weight.numpy()
        return arrays

    @override
    def load_weights(self, weights: Weights) -> None:
        type_names = tuple(json.loads(np.asarray(weights["type_names"], np.uint8).tobytes()))
        members = []
        for number in range(self.config.n_members):
            member = self._new_member(len(type_names), 0)
            start = f"members.{number}."
            member.load_state_dict(
                {
                    name.removeprefix(start): torch.from_numpy(np.array(array))
                    for name, array in weights.items()
                    if name.startswith(start)
                }
            )
            members.append(member.eval())
        typical_log = float(np.asarray(weights["typical_log"], np.float64)[0])
        prior = np.asarray(weights["prior"], np.float64)
        self._become(_Fitted(tuple(members), type_names, typical_log, prior))

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

    def _become(self, fitted: _Fitted) -> None:
        """Take over what was learned and empty the state."""
        self._learned = fitted
        self._state = State(self.config, fitted.members, self._typical(fitted.typical_log))
        like = {**NO_ARRIVALS.columns(), "counts_from": np.empty(0, np.int64)}
        self._pending = Pending(like, due_at="counts_from")

    def _new_member(self, n_types: int, seed: int) -> Network:
        """Make a network from a seed, without touching the global generator."""
        with _seeded(seed):
            return Network(self.config, n_types)

    def _timeline(
        self,
        known: Stream,
        type_names: tuple[str, ...],
        members: tuple[Network, ...],
        typical_log: float,
    ) -> Timeline:
        """Lay the events out in the order in which they count."""
        arrivals = self._arrivals(known, type_names)
        counts_from = np.maximum(known.times, known.received)
        order = np.argsort(counts_from, kind="stable")
        sorted_arrivals = arrivals.take(order)
        state = State(self.config, members, self._typical(typical_log))
        inputs, trace = state.fold(sorted_arrivals, counts_from[order])
        referrals = [row for row, name in enumerate(type_names) if name in REFERRALS]
        is_referral = np.isin(sorted_arrivals.types, referrals)
        return Timeline(
            sorted_arrivals, counts_from[order], inputs, is_referral, state.market, trace
        )

    def _typical(self, log_amount: float) -> Typical:
        """Return what events' numbers are measured by."""
        return Typical(log_amount, self.config.session_minutes)

    def _arrivals(self, events: Stream, type_names: tuple[str, ...]) -> Arrivals:
        """Return a stream's events under the model's own types."""
        row_of = {name: row for row, name in enumerate(type_names)}
        other = row_of[OTHER]
        rows = np.array([row_of.get(name, other) for name in events.type_names], np.int64)
        return Arrivals(
            users=events.users,
            items=events.items,
            hosts=events.hosts,
            types=rows[events.types],
            times=events.times,
            values=events.values,
            quantities=events.quantities,
            amounts=net_amounts(events, self.config.spend_types),
        )

    def _states(
        self, users: IntArray, as_of: int | IntArray
    ) -> tuple[list[Tensor], npt.NDArray[np.bool_]]:
        """Return each member's states (n, EMBEDDING_DIM), and who is unknown."""
        members = self._fitted.members
        reading, context = self._read(users, as_of)
        with torch.no_grad():
            states = [m.states(s, context) for m, s in zip(members, reading.sums, strict=True)]
        return states, reading.first_seen == EMPTY

    def _read(self, users: IntArray, as_of: int | IntArray) -> tuple[Reading, Tensor]:
        """Return what forecasts are read from, as of the last refresh, and their context."""
        boundary = REFRESH_MS[self.config.refresh]
        instants = np.broadcast_to(np.asarray(as_of, np.int64), users.shape)
        instants = instants // boundary * boundary
        if len(self._pending):
            reading = read_ahead(self._state, self._pending, users, instants)
        else:
            reading = self._state.read(users, instants)
        known_since = np.where(reading.first_seen == EMPTY, instants, reading.first_seen)
        return reading, torch.from_numpy(context_of(instants, known_since, reading.market))

    @property
    def _fitted(self) -> _Fitted:
        """Return what was learned. Raises NotFittedError."""
        if self._learned is None:
            raise NotFittedError("duve has not been fitted or loaded: call fit first")
        return self._learned


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Draw PyTorch's random numbers from a seed, and leave the global generator as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _forecast(outlooks: list[Outlook]) -> Forecast:
    """Average the members' outlooks into one forecast."""
    mean = {
        name: np.mean([_numbers(name, getattr(o, name)) for o in outlooks], axis=0)
        for name in Outlook._fields
    }
    spend = zero_inflated_log_normal(mean["spend"], mean["mu"], mean["sigma"])
    return Forecast(
        quantiles=spend.quantiles,
        expected_spend=spend.expected_spend,
        is_prior=spend.is_prior,
        p_return=mean["comes_back"],
        p_purchase_session=mean["buys_now"],
        n_events=mean["n_events"],
        n_referrals=mean["n_referrals"],
    )


def _numbers(name: str, column: Tensor) -> FloatArray:
    """Return a head's output on its own scale: a probability, a mean, or as it is."""
    if name in ("spend", "comes_back", "buys_now"):
        column = torch.sigmoid(column)
    if name in ("n_events", "n_referrals"):
        column = torch.exp(column.clamp_max(12.0))
    numbers: FloatArray = column.double().numpy()
    return numbers
