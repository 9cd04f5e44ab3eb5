"""Build a table of LSTM settings with their learning curves; no setting is trained twice."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import torch
from contest.sheet import Sheet

from coadapt.domain.errors import DataError
from coadapt.domain.resources import Resources
from mlboa.contenders import Setting
from mlboa.features import EncoderConfig
from mlboa.mixing import MIXES, Divided, Reviews, mix_examples, of_every_third_user
from mlboa.models.lstm import lstm
from mlboa.space import SPACE, draw_settings, values_of
from mlboa.task import Task
from mlboa.wording import Sentiment

SEED: Final = 0
MIX: Final = "70/30"
N_EPOCHS: Final = 20


@dataclass(frozen=True, slots=True)
class Curve:
    """Hold validation accuracy, and processor seconds since the start, after each epoch."""

    accuracies: tuple[float, ...]
    seconds: tuple[float, ...]


class CurveTable:
    """Hold trained settings in a CSV file, each written to disk before the next is begun."""

    def __init__(self, path: Path, n_epochs: int) -> None:
        curves = [f"{kind}_{i}" for kind in ("accuracy", "seconds") for i in range(1, n_epochs + 1)]
        self._sheet = Sheet(path, ["number", *SPACE.names, *curves])
        self._n_epochs = n_epochs

    def curves(self) -> dict[int, Curve]:
        """Return the curves that are there by their settings' numbers. Raises DataError."""
        try:
            return {int(row[0]): self._curve(row) for row in self._sheet.rows()}
        except ValueError as error:
            raise DataError(str(error)) from error

    def check(self, settings: Sequence[Setting]) -> None:
        """Raise DataError where a row is of another setting than stands at its number."""
        for row in self._sheet.rows():
            number, place = int(row[0]), 1 + len(SPACE.names)
            if number < len(settings) and row[1:place] != _texts(settings[number]):
                raise DataError(f"{self._sheet.path}: setting {number} is not the one drawn there")

    def _curve(self, row: list[str]) -> Curve:
        """Read the two curves at the end of a row."""
        numbers = tuple(float(text) for text in row[-2 * self._n_epochs :])
        return Curve(numbers[: self._n_epochs], numbers[self._n_epochs :])

    def add(self, number: int, setting: Setting, curve: Curve) -> None:
        """Append one setting."""
        figures = [f"{each:.5g}" for each in (*curve.accuracies, *curve.seconds)]
        self._sheet.add([str(number), *_texts(setting), *figures])


@dataclass(frozen=True)
class TablePlan:
    """Say what every setting of a table is trained on, and for how long."""

    data: Path
    max_epochs: int
    limit: int | None = None


def build_table(path: Path, count: int, plan: TablePlan, n_jobs: int = 1) -> None:
    """Train the settings that the table lacks, each in a process with one thread."""
    table, settings = CurveTable(path, plan.max_epochs), draw_settings(count)
    table.check(settings)
    known = table.curves()
    missing = {i: each for i, each in enumerate(settings) if i not in known}
    print(f"{path.name}: {len(known)} settings are there, {len(missing)} to train", flush=True)
    os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    with ProcessPoolExecutor(n_jobs, mp_context=get_context("spawn")) as pool:
        number_by_future = {pool.submit(train, each, plan): i for i, each in missing.items()}
        for future in as_completed(number_by_future):
            number, curve = number_by_future[future], future.result()
            table.add(number, missing[number], curve)
            best, spent = max(curve.accuracies), curve.seconds[-1]
            print(f"  setting {number}: best {best:.4f}, {spent:.0f} s", flush=True)


def train(
    setting: Setting, plan: TablePlan, is_enough: Callable[[int, float], bool] = lambda *_: False
) -> Curve:
    """Train one setting and return its learning curve.

    `is_enough` hears of each epoch and its validation accuracy, and tells whether it is the last.
    """
    torch.set_num_threads(1)
    task = _task(plan.data, plan.limit, setting.encoder)
    started = time.process_time()
    points: list[tuple[float, float]] = []

    is_over = False

    def hear(epoch: int, _loss: float, accuracy: float | None) -> None:
        nonlocal is_over
        points.append((accuracy or 0.0, time.process_time() - started))
        is_over = is_enough(epoch, accuracy or 0.0)

    config = setting.lstm.model_copy(update={"max_epochs": plan.max_epochs})
    resources = Resources(seed=SEED, report=hear, should_stop=lambda: is_over)
    lstm(config).fit(task.training, task.validation, resources)
    accuracies, seconds = zip(*points, strict=True)
    return Curve(accuracies, seconds)


@cache
def _task(data: Path, limit: int | None, encoder: EncoderConfig) -> Task:
    """Return the table's task as a process needs it time and again."""
    divided = _divided(data, limit)
    return Task.encode(divided, encoder, Sentiment(), SEED)


@cache
def _divided(data: Path, limit: int | None) -> Divided:
    """Return the table's examples: a third of the training users, whole validation, no test."""
    mix = MIXES[MIX].limited(limit)
    whole = mix_examples(mix, Reviews.read(data, mix), SEED)
    return Divided(of_every_third_user(whole.training), whole.validation, whole.validation[:1])


def _texts(setting: Setting) -> list[str]:
    """Return a setting's values as they are written, exact enough to train the same again."""
    values = values_of(setting).values()
    return [value if isinstance(value, str) else f"{value:.6g}" for value in values]
