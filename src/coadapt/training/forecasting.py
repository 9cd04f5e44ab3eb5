"""Fit a value model on what was known at an instant, and let it forecast from there."""

from __future__ import annotations

from typing import Any

from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import DataError
from coadapt.domain.progress import Progress, no_progress
from coadapt.training.granting import granted
from coadapt.training.journal import Journal
from coadapt.training.value_config import ValueRunConfig
from coadapt.value.base import ValueModel

EVENTS_A_BATCH = 50_000


def fit_at(
    config: ValueRunConfig, stream: Stream, as_of: int, progress: Progress = no_progress
) -> tuple[ValueModel[Any], Journal]:
    """Return a model that learned from what was known at an instant (epoch ms), and its account."""
    model = config.make_model()
    journal = Journal(config.training.max_cpu_seconds)
    with granted(config.training, journal, progress) as resources:
        model.fit(stream.known_at(as_of), resources, as_of)
    return model, journal


def fold(model: ValueModel[Any], stream: Stream, progress: Progress = no_progress) -> None:
    """Fold a stream into a model's state, in parts."""
    n_done = 0
    for part in stream.batches(EVENTS_A_BATCH):
        model.update(part)
        n_done += len(part)
        progress(n_done, len(stream), "folding events into state")


def end_of(stream: Stream) -> int:
    """Return the instant at which everything had arrived (epoch ms)."""
    return int(stream.received.max())


def cutoffs_of(config: ValueRunConfig, stream: Stream) -> list[int]:
    """Return the instants at which a config is judged, oldest first (epoch ms).

    Raises DataError for one with nothing before it, or with the data's end before its horizon.
    """
    horizon_ms = config.make_model().config.horizon_ms
    end = end_of(stream)
    cutoffs = config.cutoffs.instants() or [end + 1 - horizon_ms]
    for cutoff in cutoffs:
        if not len(stream.before(cutoff)):
            raise DataError(
                "nothing was known at a cut-off: the data end too soon for the horizon, or "
                'arrived later than they happened ([cutoffs] clock = "event" goes by the latter)'
            )
        if cutoff + horizon_ms > end + DAY_MS:
            raise DataError("the data end before the horizon of a cut-off: [cutoffs] dates")
    return cutoffs
