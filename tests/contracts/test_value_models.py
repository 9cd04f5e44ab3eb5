"""Hold every value model there is to the contract."""

from functools import partial
from typing import Any

import pytest
import torch

from coadapt.plugins import load_plugin, plugin_modules
from coadapt.testing.value_states import StateContract
from coadapt.testing.values import ForecastContract

SMALL: dict[str, dict[str, Any]] = {
    "boosted_trees": {"max_iter": 10, "min_samples_leaf": 10, "max_cutoffs": 4},
    "duve": {"n_steps": 4, "hidden_dim": 16, "message_dim": 4},
    "rfm": {"n_groups": 3, "min_examples": 20},
    "ziln": {"hidden_dim": 8, "max_epochs": 4, "batch_size": 64, "max_cutoffs": 4},
}


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class _Every:
    @pytest.fixture(params=list(plugin_modules("value")))
    def make(self, request):
        plugin = load_plugin("value", request.param)
        return partial(plugin, plugin.Config(**SMALL.get(request.param, {})))


class TestForecasts(_Every, ForecastContract):
    pass


class TestState(_Every, StateContract):
    pass
