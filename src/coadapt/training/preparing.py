"""Read, clean and split the data of a config, the same way for a training and for a judgement."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coadapt.data.dataset import Dataset
from coadapt.data.preprocessing import PreprocessingReport, preprocess
from coadapt.data.splitting import Split, split_dataset
from coadapt.domain.errors import DataError
from coadapt.domain.progress import Progress, no_progress
from coadapt.training.config import RunConfig
from coadapt.training.reading import Reading, read_data


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Hold what only the edge knows: the time (epoch ms), the data folder, the commit."""

    now_ms: int
    data_root: Path | None = None
    commit: str | None = None
    parent: str | None = None
    progress: Progress = no_progress


@dataclass(frozen=True)
class Prepared:
    """Hold data that is read, cleaned and split as a config says."""

    reading: Reading
    dataset: Dataset
    report: PreprocessingReport
    split: Split


def prepare(config: RunConfig, surroundings: Surroundings) -> Prepared:
    """Read, clean and split the data of a config. Raises DataError, EmptyDataError, ConfigError."""
    reading = read_data(config.data, surroundings.data_root, surroundings.progress)
    if config.split.kind == "time" and not reading.table.has_times:
        raise DataError(f"{reading.table.name} knows no times to split at; choose another split")
    dataset, report = preprocess(reading.table, config.preprocessing)
    return Prepared(reading, dataset, report, split_dataset(dataset, config.split))
