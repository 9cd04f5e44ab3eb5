"""Hold every recommender there is to the contract."""

from functools import partial
from typing import Any

import pytest

from coadapt.plugins import load_plugin, plugin_modules
from coadapt.testing.recommenders import RecommenderContract

SMALL: dict[str, dict[str, Any]] = {
    "als": {"embedding_dim": 4},
    "ease": {"regularization": 1.0},
    "sasrec": {"max_epochs": 2, "embedding_dim": 8, "max_length": 4},
    "gru4rec": {"max_epochs": 2, "embedding_dim": 8, "max_length": 4},
}


class TestRecommenders(RecommenderContract):
    @pytest.fixture(params=plugin_modules("recommenders"))
    def make(self, request):
        plugin = load_plugin("recommenders", request.param)
        return partial(plugin, plugin.Config(**SMALL.get(request.param, {})))
