"""Hold the components that serve together, loaded and warm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import numpy as np

from coadapt.data.batches import BoolArray, Histories, IntArray, Scores, Situation
from coadapt.data.dataset import Vocabulary
from coadapt.policies.base import Policy
from coadapt.recommenders.base import Recommender
from coadapt.training.pipeline_config import PipelineConfig

_WARM_UP_QUERIES: Final = (1, 2, 8)


@dataclass(frozen=True)
class Pipeline:
    """Hold a pipeline that is ready to answer.

    `by_number` maps the item numbers of a feature store to the rows of the run.
    """

    reference: str
    config: PipelineConfig
    recommender: Recommender[Any]
    vocabulary: Vocabulary
    policy: Policy[Any]
    by_number: RowsByNumber = field(init=False)
    policy_version: str = field(init=False)

    def __post_init__(self) -> None:
        choice = self.config.policy.model_dump_json()
        object.__setattr__(self, "by_number", RowsByNumber(self.vocabulary))
        object.__setattr__(self, "policy_version", sha256(choice.encode()).hexdigest()[:12])

    def warm_up(self, rng: np.random.Generator) -> None:
        """Answer a few made-up questions, so that the first real one is not the slow one."""
        for n_queries in _WARM_UP_QUERIES:
            rows = np.arange(min(20, len(self.vocabulary)), dtype=np.int64)
            histories = Histories.from_rows([rows[: 1 + q] for q in range(n_queries)])
            best = self.recommender.top(histories, self.config.candidates)
            situation = Situation(histories, best.rows, count=10)
            self.policy.choose(situation, Scores(best.scores), rng)


class RowsByNumber:
    """Translate a feature store's item numbers into a run's rows; grows as items appear.

    Readers on any thread: an extension replaces the array and never changes the old one.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._rows: IntArray = np.empty(0, np.int64)
        self._cached: tuple[BoolArray, bool, BoolArray] | None = None

    def rows(self, item_ids: Sequence[str]) -> IntArray:
        """Return the row of every item number, -1 for an item that the run does not know."""
        known = self._rows
        if len(item_ids) > len(known):
            newer = self._vocabulary.rows(item_ids[len(known) :])
            known = self._rows = np.concatenate((known, newer))
        return known

    def mask(
        self, allowed: BoolArray, item_ids: Sequence[str], *, otherwise: bool = True
    ) -> BoolArray:
        """Return a mask over item numbers as one over rows; rows without a number: `otherwise`."""
        cached = self._cached
        if cached is not None and cached[0] is allowed and cached[1] is otherwise:
            return cached[2]
        rows = self.rows(item_ids)[: len(allowed)]
        by_row = np.full(len(self._vocabulary), otherwise)
        by_row[rows[rows >= 0]] = allowed[: len(rows)][rows >= 0]
        self._cached = (allowed, otherwise, by_row)
        return by_row
