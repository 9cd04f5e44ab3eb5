"""State what every value model does: fold events into state and forecast from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, ClassVar, Generic, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from coadapt.data.batches import IntArray, ScoreArray
from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import ConfigError
from coadapt.domain.resources import Resources
from coadapt.value.forecasts import Drivers, Forecast

Weights = Mapping[str, npt.NDArray[np.generic]]

EMBEDDING_DIM = 128
"""Numbers in every model's embedding of a user; a model with fewer fills up with zeros."""


class ValueConfig(BaseModel):
    """Hold what every value model needs to know of the business; unknown keys are refused.

    `spend_types` says which events are money and with which sign: the value of a `refund` is taken
    off, however it is signed. `session_minutes` of silence end a session.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    horizon_days: Annotated[int, Field(ge=1, le=3650)] = 30
    spend_types: Mapping[str, float] = {"purchase": 1.0, "send_gift": 1.0, "refund": -1.0}
    session_minutes: Annotated[float, Field(gt=0)] = 30.0

    @property
    def horizon_ms(self) -> int:
        """Return the horizon in milliseconds."""
        return self.horizon_days * DAY_MS


ConfigT = TypeVar("ConfigT", bound=ValueConfig)


class ValueModel(ABC, Generic[ConfigT]):
    """Forecast what users will spend.

    Life cycle: construct with a config; `fit` or `load_weights`; then the state is empty and
    `update` folds events into it, each event once, in log order; `value` and `embed` read it.
    Weights hold nothing of any user; the state holds nothing but what events fold into. `users` are
    rows of the caller's own numbering, the one that its streams use; rows beyond those seen are
    unknown users, who get the prior. An instant `as_of` (epoch ms) is one for all or one a user,
    shape (n,), and must not lie before an event that is folded in already. Events whose own time
    lies after `as_of` (a clock that is ahead) do not count until then.
    """

    Config: ClassVar[type[ValueConfig]]

    def __init__(self, config: ConfigT) -> None:
        self.config = config

    @abstractmethod
    def fit(self, stream: Stream, resources: Resources, as_of: int) -> None:
        """Learn from what was known at `as_of` (epoch ms); no label reaches past it."""

    @abstractmethod
    def update(self, events: Stream) -> None:
        """Fold events into the state, in log order. Raises NotFittedError."""

    def refold(self, events: Stream) -> None:
        """Fold again, in log order, the events of users whose state is empty, and only theirs.

        For users who were evicted, or whose pasts were joined. What users share, such as what is
        known of an item, has these events already and must stay as it is. Raises NotFittedError.
        """
        self.update(events)

    @abstractmethod
    def value(
        self, users: IntArray, as_of: int | IntArray, horizon_days: int | None = None
    ) -> Forecast:
        """Forecast each user's net spend in [as_of, as_of + horizon), by default the trained one.

        Raises NotFittedError, and ConfigError for a horizon that the model cannot forecast.
        """

    @abstractmethod
    def embed(self, users: IntArray, as_of: int | IntArray) -> ScoreArray:
        """Return each user's state at an instant as numbers, shape (n, EMBEDDING_DIM)."""

    @abstractmethod
    def weights(self) -> Weights:
        """Return everything that was learned as arrays by name, no state among it."""

    @abstractmethod
    def load_weights(self, weights: Weights) -> None:
        """Become what `weights()` of an equal config returned, with an empty state."""

    @abstractmethod
    def state(self) -> Weights:
        """Return what events were folded into as arrays by name: a snapshot."""

    @abstractmethod
    def load_state(self, state: Weights) -> None:
        """Go on from what `state()` of an equal model returned."""

    @abstractmethod
    def forget(self, users: IntArray) -> None:
        """Empty the state of these users: erased, or long silent and evicted."""

    def drivers(self, user: int, as_of: int) -> Drivers | None:
        """Return how much each event type raised or lowered the expected spend, where exact."""
        del user, as_of
        return None

    @property
    def bytes_per_user(self) -> float:
        """Return the bytes of state that one user takes."""
        arrays = self.state().values()
        n_users = max((len(array) for array in arrays), default=0)
        return sum(array.nbytes for array in arrays) / max(n_users, 1)

    def horizon(self, asked: int | None) -> int:
        """Return the horizon in days; for models that know one only. Raises ConfigError."""
        if asked is not None and asked != self.config.horizon_days:
            raise ConfigError(
                f"this model forecasts {self.config.horizon_days} days; train another for {asked}",
                field="horizon_days",
            )
        return self.config.horizon_days
