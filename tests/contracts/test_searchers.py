"""Hold every searcher there is to the contract."""

import pytest

from coadapt.plugins import load_plugin, plugin_modules
from coadapt.testing.searchers import SearcherContract


class TestSearchers(SearcherContract):
    @pytest.fixture(params=plugin_modules("tuning/searchers"))
    def make(self, request):
        plugin = load_plugin("tuning/searchers", request.param)
        return lambda space, seed: plugin(space, plugin.Config(), seed)
