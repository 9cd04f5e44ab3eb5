"""Grant a training the device, the threads and the time that its config names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits

from coadapt.domain.errors import ConfigError
from coadapt.domain.progress import Progress, no_progress
from coadapt.domain.resources import Resources
from coadapt.training.config import TrainingConfig
from coadapt.training.journal import Journal
from coadapt.training.value_config import ValueTrainingConfig


@contextmanager
def granted(
    config: TrainingConfig | ValueTrainingConfig, journal: Journal, progress: Progress = no_progress
) -> Iterator[Resources]:
    """Lend the means of a training, which ends when its journal says so.

    Raises ConfigError for a device that is not here.
    """
    _check_device(config.device)
    before = torch.get_num_threads()
    torch.set_num_threads(config.n_threads)
    try:
        with threadpool_limits(config.n_threads):
            yield Resources(
                seed=config.seed,
                device=config.device,
                n_threads=config.n_threads,
                progress=progress,
                report=journal.note,
                should_stop=journal.is_over,
            )
    finally:
        torch.set_num_threads(before)


def _check_device(device: str) -> None:
    """Raise ConfigError unless PyTorch can use a device here."""
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        message = f"training.device: PyTorch has no {device} here; use cpu"
        raise ConfigError(message, field="training.device") from error
