"""A training gets the device and the threads that its config names, for as long as it runs."""

import pytest
import torch

from coadapt.domain.errors import ConfigError
from coadapt.training.config import TrainingConfig
from coadapt.training.granting import granted
from coadapt.training.journal import Journal


def test_a_device_that_is_not_here_is_named() -> None:
    config = TrainingConfig(device="cuda:99")
    with pytest.raises(ConfigError, match="no cuda:99 here"), granted(config, Journal(None)):
        pass


def test_the_threads_are_given_back() -> None:
    before = torch.get_num_threads()
    with granted(TrainingConfig(n_threads=before + 1), Journal(None)) as resources:
        assert torch.get_num_threads() == resources.n_threads == before + 1
    assert torch.get_num_threads() == before


def test_no_time_is_left_where_none_was_granted() -> None:
    with granted(TrainingConfig(), Journal(max_cpu_seconds=0)) as resources:
        assert resources.should_stop()
