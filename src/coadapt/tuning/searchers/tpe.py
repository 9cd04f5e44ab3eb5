"""Search by tree-structured Parzen estimators, Optuna's default."""

from __future__ import annotations

from typing import Annotated

import optuna
from pydantic import Field
from typing_extensions import override

from coadapt.tuning.base import SearcherConfig
from coadapt.tuning.searchers._optuna import OptunaSearcher

__all__ = ["TPE", "TPEConfig"]


class TPEConfig(SearcherConfig):
    """Hold how many trials are random at first, and how many candidates are drawn for each later.

    `multivariate` models the parameters together.
    """

    n_startup_trials: Annotated[int, Field(ge=1)] = 10
    n_candidates: Annotated[int, Field(ge=1)] = 24
    multivariate: bool = True


class TPE(OptunaSearcher[TPEConfig]):
    """Propose where good trials are dense and bad ones are not (Bergstra et al. 2011)."""

    Config = TPEConfig

    @override
    def _sampler(self) -> optuna.samplers.BaseSampler:
        return optuna.samplers.TPESampler(
            n_startup_trials=self.config.n_startup_trials,
            n_ei_candidates=self.config.n_candidates,
            multivariate=self.config.multivariate,
            seed=self.seed,
        )
