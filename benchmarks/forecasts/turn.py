"""Let one model choose its settings before a cut-off, then forecast once after it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS
from coadapt.domain.resources import Resources
from coadapt.evaluation.forecasting import Evaluated, evaluate_at
from coadapt.plugins import load_plugin
from forecasts.plan import Contender


@dataclass(frozen=True)
class Turn:
    """Hold what a model chose, how it fared for each seed, and how long the last fit took."""

    setting: dict[str, Any]
    validation_crps: float
    by_seed: dict[int, Evaluated]
    seconds: float


def take_turn(contender: Contender, stream: Stream, cutoff: int, seeds: list[int]) -> Turn:
    """Choose by CRPS at the cut-off one horizon earlier, by what was known at the cut-off."""
    past = stream.before(cutoff)
    scores = [_validate(contender.name, setting, past, cutoff) for setting in contender.settings]
    best = min(range(len(scores)), key=scores.__getitem__)
    setting = contender.settings[best]
    started = time.perf_counter()
    used = seeds if contender.is_seeded else seeds[:1]
    by_seed = {seed: _evaluate(contender.name, setting, stream, cutoff, seed) for seed in used}
    seconds = (time.perf_counter() - started) / len(used)
    return Turn(setting, scores[best], by_seed, seconds)


def _validate(name: str, setting: dict[str, Any], past: Stream, cutoff: int) -> float:
    """Return the CRPS one horizon earlier."""
    horizon_days = load_plugin("value", name).Config(**setting).horizon_days
    earlier = cutoff - horizon_days * DAY_MS
    return _evaluate(name, setting, past, earlier, seed=0).figures().crps


def _evaluate(
    name: str, setting: dict[str, Any], stream: Stream, cutoff: int, seed: int
) -> Evaluated:
    """Fit one model at a cut-off and score it."""
    plugin = load_plugin("value", name)
    model = plugin(plugin.Config(**setting))
    return evaluate_at({name: model}, stream, cutoff, Resources(seed=seed))[name]
