"""Measure models at a few hundred settings once, so that searchers can be replayed on them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from contest.sheet import Sheet
from scipy.stats import qmc

from coadapt.data.batches import FloatArray
from coadapt.domain.ranges import Choice
from coadapt.tuning.space import Space
from tuning.models import DATASETS, MODELS, loss

LOG2_SETTINGS: Final = 8
COLUMNS: Final = ("setting", "loss", "seconds")


@dataclass(frozen=True, slots=True)
class Pair:
    """Name a model and a data set."""

    model: str
    dataset: str

    @property
    def name(self) -> str:
        """Return the name of the problem."""
        return f"{self.model}-{self.dataset}"

    @property
    def space(self) -> Space:
        """Return what is searched."""
        return MODELS[self.model].space

    def settings(self) -> list[dict[str, Choice]]:
        """Return the settings of the table: a scrambled Sobol sequence of the unit cube."""
        points = qmc.Sobol(len(self.space), scramble=True, rng=0).random_base2(LOG2_SETTINGS)
        return [self.space.values_at(point) for point in points.tolist()]


def all_pairs() -> list[Pair]:
    """Return the 30 pairs, the fast ones first."""
    models = ("tree", "knn", "linear", "svm", "forest", "mlp")
    return [Pair(model, dataset) for model in models for dataset in DATASETS]


@dataclass(frozen=True, slots=True)
class Losses:
    """Hold a pair's losses, NaN where a fit failed, in the order of its settings."""

    pair: Pair
    losses: FloatArray

    @property
    def optimum(self) -> float:
        """Return the lowest loss."""
        return float(np.nanmin(self.losses))

    @property
    def range(self) -> float:
        """Return how far the median is above the optimum."""
        return float(np.nanmedian(self.losses)) - self.optimum


def read_table(pair: Pair, folder: Path) -> Losses | None:
    """Return a pair's table, None while settings are missing. Raises ValueError if none fits."""
    rows = _losses(_sheet(pair, folder))
    if len(rows) < 2**LOG2_SETTINGS:
        return None
    losses = np.array([value for _, value in sorted(rows.items())])
    if np.isnan(losses).all():
        raise ValueError(f"{pair.name}: no setting could be fitted; mend the model, then measure")
    return Losses(pair, losses)


def build_table(pair: Pair, folder: Path) -> Iterator[int]:
    """Measure the settings that are missing, each written to disk at once; yield their numbers."""
    sheet = _sheet(pair, folder)
    known = _losses(sheet)
    for number, values in enumerate(pair.settings()):
        if number not in known:
            started = time.perf_counter()
            found = _loss(pair, values)
            seconds = time.perf_counter() - started
            sheet.add([str(number), f"{found:.8g}", f"{seconds:.3g}"])
            yield number


def _loss(pair: Pair, values: dict[str, Choice]) -> float:
    """Return the loss of one setting, NaN where it cannot be fitted."""
    try:
        return loss(pair.model, pair.dataset, values)
    except ValueError as error:
        print(f"{pair.name}: {values} failed ({error})", flush=True)
        return math.nan


def _sheet(pair: Pair, folder: Path) -> Sheet:
    """Return where a pair's losses are kept."""
    return Sheet(folder / f"{pair.name}.csv", COLUMNS)


def _losses(sheet: Sheet) -> dict[int, float]:
    """Return the losses that are there by number."""
    return {int(row[0]): float(row[1]) for row in sheet.rows()}
