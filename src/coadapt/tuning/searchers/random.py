"""Try points drawn evenly from the space, the yardstick of every searcher."""

from __future__ import annotations

import numpy as np
from typing_extensions import override

from coadapt.tuning.base import Searcher, SearcherConfig
from coadapt.tuning.trials import Outcome, Trial

__all__ = ["Random", "RandomConfig"]


class RandomConfig(SearcherConfig):
    """Hold nothing: chance has no settings."""


class Random(Searcher[RandomConfig]):
    """Draw each trial by itself (Bergstra & Bengio 2012)."""

    Config = RandomConfig
    _n_asked = 0

    @override
    def ask(self) -> Trial:
        number = self._n_asked
        self._n_asked += 1
        rng = np.random.default_rng([self.seed, number])
        return Trial(number, self.space.values_at(rng.random(len(self.space)).tolist()))

    @override
    def tell(self, outcome: Outcome) -> None:
        pass
