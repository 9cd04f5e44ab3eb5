"""Divide a data set by its config, through the package's own reading, and keep the arrays."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from coadapt.data.batches import Histories
from coadapt.data.dataset import Dataset
from coadapt.data.splitting import HeldOut as OurHeldOut
from coadapt.training.config import read_run_config
from coadapt.training.preparing import Surroundings, prepare
from contest.split import HeldOut, Pasts, Ragged, Split, save_split


def divide(config_path: Path, data: Path, target: Path) -> Split:
    """Read, clean and split what a config names, found in or at `data`; write it to `target`."""
    config = read_run_config(config_path)
    if not (data / config.data.path).exists():
        source = config.data.model_copy(update={"path": str(data)})
        config = config.model_copy(update={"data": source})
    prepared = prepare(config, Surroundings(now_ms=time.time_ns() // 1_000_000, data_root=data))
    split = Split(
        n_items=prepared.dataset.n_items,
        fit=_everyone(prepared.split.train),
        refit=_everyone(prepared.split.refit),
        validation=_held_out(prepared.split.validation),
        test=_held_out(prepared.split.test),
    )
    save_split(split, target)
    return split


def _everyone(dataset: Dataset) -> Ragged:
    """Return every user's events."""
    return _ragged(dataset.histories())


def _held_out(part: OurHeldOut) -> HeldOut:
    """Return the same part as plain arrays."""
    return HeldOut(Pasts(part.users, _ragged(part.histories)), _ragged(part.targets))


def _ragged(histories: Histories) -> Ragged:
    """Return the same events as plain arrays."""
    offsets = np.asarray(histories.offsets, np.int64)
    return Ragged(histories.rows, histories.times, histories.values, offsets)
