"""Hold forecasts of spend as distributions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coadapt.data.batches import BoolArray, FloatArray

N_LEVELS: Final = 128

_UNIFORM = (np.arange(N_LEVELS) + 0.5) / N_LEVELS

LEVELS: Final[FloatArray] = 1.0 - (1.0 - _UNIFORM) ** 2
"""The levels of every forecast's quantiles, denser towards 1, where the money is."""

LEVEL_WEIGHTS: Final[FloatArray] = 2.0 * (1.0 - _UNIFORM) / N_LEVELS
"""How much probability each quantile stands for; sums to one."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Hold each of n users' net spend as a distribution.

    `quantiles` has shape (n, N_LEVELS), at LEVELS, not falling along a row; `expected_spend` is the
    mean, shape (n,). `is_prior`: nothing is known of this user. The probabilities and means of the
    other heads have shape (n,) and are None where a model has no such head: an event within the
    horizon, a purchase before the session ends, events and shares or follows within the horizon.
    """

    quantiles: FloatArray
    expected_spend: FloatArray
    is_prior: BoolArray
    p_return: FloatArray | None = None
    p_purchase_session: FloatArray | None = None
    n_events: FloatArray | None = None
    n_referrals: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.expected_spend)

    def at(self, level: float) -> FloatArray:
        """Return a quantile of each user, shape (n,), interpolated between LEVELS."""
        upper = np.clip(np.searchsorted(LEVELS, level), 1, N_LEVELS - 1)
        low, high = LEVELS[upper - 1], LEVELS[upper]
        share = np.clip((level - low) / (high - low), 0.0, 1.0)
        return self.quantiles[:, upper - 1] * (1 - share) + self.quantiles[:, upper] * share

    @property
    def p_spend(self) -> FloatArray:
        """Return the probability of spending anything, shape (n,)."""
        shares: FloatArray = (self.quantiles > 0) @ LEVEL_WEIGHTS
        return shares


@dataclass(frozen=True, slots=True)
class Drivers:
    """Hold what a forecast of expected spend is made of.

    `baseline` is the forecast without any event; `contributions` of each of `type_names` add up to
    the difference from it, shape (n_types,), in currency.
    """

    baseline: float
    type_names: Sequence[str]
    contributions: FloatArray
