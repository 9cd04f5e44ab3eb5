"""Hold every policy there is to the contract."""

import pytest

from coadapt.plugins import load_plugin, plugin_modules
from coadapt.testing.policies import PolicyContract


class TestPolicies(PolicyContract):
    @pytest.fixture(params=plugin_modules("policies"))
    def policy(self, request):
        plugin = load_plugin("policies", request.param)
        return plugin(plugin.Config())
