"""Forecast from each user's summary alone: what the models without a graph share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from coadapt.data.batches import FloatArray, IntArray, ScoreArray
from coadapt.data.stream import Stream
from coadapt.domain.errors import NotFittedError
from coadapt.value._ledger import Ledger
from coadapt.value._summary import Summary
from coadapt.value.base import EMBEDDING_DIM, ValueConfig, ValueModel, Weights
from coadapt.value.forecasts import Forecast

ConfigT = TypeVar("ConfigT", bound=ValueConfig)
Arrays = dict[str, npt.NDArray[Any]]


class LedgerModel(ValueModel[ConfigT]):
    """Keep the ledger; subclasses learn, and read the summaries of users at instants."""

    def __init__(self, config: ConfigT) -> None:
        super().__init__(config)
        self._ledger = Ledger(config.spend_types)
        self._arrays: Arrays | None = None

    @abstractmethod
    def _forecast(self, summary: Summary, as_of: IntArray, horizon_days: int) -> Forecast:
        """Forecast users from their summaries; `as_of` has shape (n,)."""

    @abstractmethod
    def _coordinates(self, summary: Summary, as_of: IntArray) -> FloatArray:
        """Return users as numbers, shape (n, at most EMBEDDING_DIM)."""

    @override
    def update(self, events: Stream) -> None:
        self._require_fit()
        self._ledger.update(events)

    @override
    def value(
        self, users: IntArray, as_of: int | IntArray, horizon_days: int | None = None
    ) -> Forecast:
        self._require_fit()
        instants = np.broadcast_to(np.asarray(as_of, np.int64), users.shape)
        return self._forecast(
            self._ledger.at(users, instants), instants, self.horizon(horizon_days)
        )

    @override
    def embed(self, users: IntArray, as_of: int | IntArray) -> ScoreArray:
        self._require_fit()
        instants = np.broadcast_to(np.asarray(as_of, np.int64), users.shape)
        numbers = self._coordinates(self._ledger.at(users, instants), instants)
        embedding = np.zeros((len(users), EMBEDDING_DIM), np.float32)
        embedding[:, : numbers.shape[1]] = numbers
        return embedding

    @override
    def weights(self) -> Weights:
        return dict(self._learned)

    @override
    def load_weights(self, weights: Weights) -> None:
        self._become({name: np.asarray(array) for name, array in weights.items()})

    @override
    def state(self) -> Weights:
        return self._ledger.state()

    @override
    def load_state(self, state: Weights) -> None:
        self._require_fit()
        self._ledger.load_state(state)

    @override
    def forget(self, users: IntArray) -> None:
        self._ledger.forget(users)

    def _become(self, arrays: Arrays) -> None:
        """Take over what was learned and empty the state."""
        self._arrays = arrays
        self._ledger = Ledger(self.config.spend_types)

    @property
    def _learned(self) -> Arrays:
        """Return what was learned. Raises NotFittedError."""
        if self._arrays is None:
            raise NotFittedError("this value model has not been fitted or loaded: call fit first")
        return self._arrays

    def _require_fit(self) -> None:
        """Raise NotFittedError where nothing was learned."""
        _ = self._learned
