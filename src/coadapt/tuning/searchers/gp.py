"""Search by Bayesian optimisation with a Gaussian process."""

from __future__ import annotations

from typing import Annotated

import optuna
from pydantic import Field
from typing_extensions import override

from coadapt.tuning.base import SearcherConfig
from coadapt.tuning.searchers._optuna import OptunaSearcher

__all__ = ["GP", "GPConfig"]


class GPConfig(SearcherConfig):
    """Hold how many trials are random at first, and whether equal trials have equal values."""

    n_startup_trials: Annotated[int, Field(ge=1)] = 10
    deterministic: bool = False


class GP(OptunaSearcher[GPConfig]):
    """Propose the point of the highest expected improvement (Jones et al. 1998), by Optuna's GP."""

    Config = GPConfig

    @override
    def _sampler(self) -> optuna.samplers.BaseSampler:
        return optuna.samplers.GPSampler(
            n_startup_trials=self.config.n_startup_trials,
            deterministic_objective=self.config.deterministic,
            warn_independent_sampling=False,
            seed=self.seed,
        )
