"""Search by covariance matrix adaptation; choices are drawn at random beside it."""

from __future__ import annotations

from typing import Annotated

import cmaes
import optuna
from pydantic import Field
from typing_extensions import override

from coadapt.tuning.base import SearcherConfig
from coadapt.tuning.searchers._optuna import OptunaSearcher

__all__ = ["CMAES", "CMAESConfig"]

assert cmaes.CMA  # Optuna imports it at the second trial, too late to name the missing extra.


class CMAESConfig(SearcherConfig):
    """Hold the size of a generation (None: 4 + 3 ln d) and the first spread in the unit cube."""

    population_size: Annotated[int, Field(ge=3)] | None = None
    first_deviation: Annotated[float, Field(gt=0, le=1)] | None = None


class CMAES(OptunaSearcher[CMAESConfig]):
    """Draw generations from a normal distribution that follows the better half (Hansen 2001)."""

    Config = CMAESConfig

    @override
    def _sampler(self) -> optuna.samplers.BaseSampler:
        return optuna.samplers.CmaEsSampler(
            popsize=self.config.population_size,
            sigma0=self.config.first_deviation,
            warn_independent_sampling=False,
            seed=self.seed,
        )
