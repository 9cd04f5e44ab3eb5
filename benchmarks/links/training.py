"""Teach a link model: read the past at the present rates, learn for an epoch, read it again."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from links.candidates import TRAINING
from links.edits import Edits
from links.lesson import Lesson, Settings
from links.model import LinkModel, Typical, Variant
from links.protocol import Split
from links.ranking import rank_sampled, reader_of
from links.samples import Samples, draw_samples


@dataclass(frozen=True, slots=True)
class Taught:
    """Hold the model of the best epoch and its validation by sampled candidates."""

    model: LinkModel
    validation: float


Report = Callable[[str], None]


class Teacher:
    """Teach models from the events before validation, and choose the epoch by validation."""

    def __init__(self, edits: Edits, split: Split, settings: Settings, report: Report) -> None:
        self.edits, self.split, self.settings, self.report = edits, split, settings, report

    def teach(self, variant: Variant, seed: int) -> Taught:
        """Return a model of a variant."""
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        started = time.perf_counter()
        lesson = Lesson(LinkModel(variant), self.settings, self.split.validation)
        best = Taught(lesson.averaged, -1.0)
        for epoch in range(self.settings.max_epochs):
            past = self._past(lesson.model, variant, seed=1 + epoch)
            if epoch == 0:
                lesson.begin(Typical.of(past.block))
            loss = lesson.learn(past, rng)
            del past
            reader = reader_of(lesson.averaged, variant, self.edits)
            found = float(rank_sampled(lesson.averaged, reader, self.split).mean())
            if found > best.validation:
                best = Taught(copy.deepcopy(lesson.averaged), found)
            left_s = (time.perf_counter() - started) / (epoch + 1)
            left_s *= self.settings.max_epochs - epoch - 1
            told = f"loss {loss:.4f}, sampled validation MRR {found:.4f}, {left_s:.0f} s left"
            self.report(f"epoch {epoch + 1} of {self.settings.max_epochs}: {told}")
        return best

    def _past(self, model: LinkModel, variant: Variant, seed: int) -> Samples:
        """Read the events to learn from."""
        reader = reader_of(model, variant, self.edits)
        stop = self.split.validation
        return draw_samples(reader, 0, stop, TRAINING, seed, has_slopes=True)
