"""Search by a genetic algorithm: selection, crossover and mutation of whole settings."""

from __future__ import annotations

from typing import Annotated

import optuna
from pydantic import Field
from typing_extensions import override

from coadapt.tuning.base import SearcherConfig
from coadapt.tuning.searchers._optuna import OptunaSearcher

__all__ = ["Genetic", "GeneticConfig"]


class GeneticConfig(SearcherConfig):
    """Hold the size of a generation, the first of which is random, and how parents are mixed.

    `mutation_rate` is a parameter's probability of a new value (None: one over their number).
    """

    population_size: Annotated[int, Field(ge=2)] = 20
    crossover_rate: Annotated[float, Field(ge=0, le=1)] = 0.9
    mutation_rate: Annotated[float, Field(ge=0, le=1)] | None = None


class Genetic(OptunaSearcher[GeneticConfig]):
    """Breed each generation from the best of those before: NSGA-II (Deb et al. 2002), one goal."""

    Config = GeneticConfig

    @override
    def _sampler(self) -> optuna.samplers.BaseSampler:
        return optuna.samplers.NSGAIISampler(
            population_size=self.config.population_size,
            crossover_prob=self.config.crossover_rate,
            mutation_prob=self.config.mutation_rate,
            seed=self.seed,
        )
