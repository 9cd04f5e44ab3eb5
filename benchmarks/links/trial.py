"""Teach one variant with one seed and measure it once."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from coadapt.data.batches import FloatArray, IntArray
from links.edits import Edits
from links.memory import NOBODY
from links.model import Variant
from links.protocol import Split
from links.ranking import rank_all, reader_of
from links.training import Teacher

CASES: Final = ("page at hand", "known page", "new page", "new user")


@dataclass(frozen=True, slots=True)
class Trial:
    """Hold what one model did: reciprocal ranks from validation on, its half-lives, its cost.

    `half_lives_hours` (N_TYPES, N_SCALES), infinite where nothing fades.
    """

    variant: Variant
    seed: int
    ranks: FloatArray
    split: Split
    half_lives_hours: FloatArray
    seconds: float
    cpu_seconds: float

    @property
    def validation(self) -> float:
        """Return the validation MRR."""
        return float(self.ranks[: self.split.test - self.split.validation].mean())

    @property
    def test(self) -> float:
        """Return the test MRR."""
        return float(self._test_ranks.mean())

    def test_by_case(self, cases: IntArray) -> dict[str, float]:
        """Return the test MRR of each case of CASES; `cases` are of all events."""
        tested = cases[self.split.test : self.split.end]
        return {
            name: float(self._test_ranks[tested == case].mean())
            for case, name in enumerate(CASES)
            if (tested == case).any()
        }

    @property
    def _test_ranks(self) -> FloatArray:
        """Return the reciprocal ranks of test events."""
        return self.ranks[self.split.test - self.split.validation :]


def hold_trial(teacher: Teacher, variant: Variant, seed: int) -> Trial:
    """Teach and measure."""
    started, cpu_started = time.perf_counter(), time.process_time()
    model = teacher.teach(variant, seed).model
    ranks = rank_all(model, reader_of(model, variant, teacher.edits), teacher.split)
    with np.errstate(divide="ignore"):
        half_lives_hours = 24.0 * math.log(2.0) / model.rates_per_day().astype(np.float64)
    return Trial(
        variant=variant,
        seed=seed,
        ranks=ranks,
        split=teacher.split,
        half_lives_hours=half_lives_hours,
        seconds=time.perf_counter() - started,
        cpu_seconds=time.process_time() - cpu_started,
    )


def case_of(edits: Edits) -> IntArray:
    """Return which of CASES each event is: how its user stood to its page just before."""
    cases = np.full(len(edits.pairs), CASES.index("known page"))
    cases[np.unique(edits.pairs, return_index=True)[1]] = CASES.index("new page")
    order = np.argsort(edits.users, kind="stable")
    stays = np.zeros(len(order), bool)
    stays[order[1:]] = edits.pairs[order][1:] == edits.pairs[order][:-1]
    cases[stays] = CASES.index("page at hand")
    cases[edits.ways == NOBODY] = CASES.index("new user")
    return cases
