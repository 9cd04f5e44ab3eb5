"""Score a value model's settings at cut-offs whose horizons end before the config's own begin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from coadapt.data.stream import Stream
from coadapt.domain.errors import DataError, EmptyDataError
from coadapt.domain.progress import Progress, no_progress
from coadapt.training.forecast_judging import judge_at
from coadapt.training.forecasting import cutoffs_of
from coadapt.training.preparing import Surroundings
from coadapt.training.stream_reading import StreamReading, read_stream
from coadapt.training.value_config import ValueRunConfig
from coadapt.tuning.executors.base import Watch
from coadapt.tuning.subject import Subject
from coadapt.tuning.trials import Trial


@dataclass(frozen=True)
class ValueObjective:
    """Fit with a trial's values before earlier cut-offs and score what came of the forecasts.

    The config's own cut-offs are its test. What was known before the first of them is all that is
    read: one horizon before it lies the validation cut-off, and one more back for each fold.
    """

    subject: Subject
    n_folds: int = 1
    data_root: Path | None = None

    def check(self, progress: Progress = no_progress) -> str:
        """Read the data once and return their fingerprint.

        Raises what every trial would, such as DataError; ConfigError for a log without an end.
        """
        config = cast(ValueRunConfig, self.subject.config)
        reading = self._read(config, progress)
        self.subject.check_pinned(reading.last_position)
        self._known(config, reading.stream)
        return reading.stream.fingerprint

    def __call__(self, trial: Trial, watch: Watch) -> float:  # noqa: ARG002  no curve to watch
        """Return the metric so that lower is better; value models report nothing on the way."""
        config = cast(ValueRunConfig, self.subject.with_values(trial.values))
        training = config.training.model_copy(update={"n_bootstrap": 0})
        config = config.model_copy(update={"training": training})
        stream, cutoffs = self._known(config, self._read(config).stream)
        figure = judge_at(config, stream, cutoffs).means().get(self.subject.goal.metric)
        if figure is None:
            raise DataError(
                f"{self.subject.goal.metric} is not defined here: the forecasts of all are equal, "
                "or what they spent is"
            )
        return self.subject.goal.loss(figure)

    def _read(self, config: ValueRunConfig, progress: Progress = no_progress) -> StreamReading:
        """Read the data."""
        return read_stream(config, Surroundings(0, data_root=self.data_root, progress=progress))

    def _known(self, config: ValueRunConfig, stream: Stream) -> tuple[Stream, list[int]]:
        """Return what was known before the first test cut-off, and the cut-offs to judge at."""
        first = min(cutoffs_of(config, stream))
        horizon_ms = config.make_model().config.horizon_ms
        cutoffs = [first - number * horizon_ms for number in range(self.n_folds, 0, -1)]
        known = stream.before(first)
        if not len(known.before(cutoffs[0])):
            raise EmptyDataError(
                f"nothing was known {self.n_folds} horizons before the first cut-off; ask for "
                "fewer folds, or for later cut-offs",
                field="tuning.folds",
            )
        return known, cutoffs
