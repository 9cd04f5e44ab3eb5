"""A plug-in is found by the name of its file, and only there."""

import inspect
from typing import Any

import pytest

from coadapt import plugins
from coadapt.domain.errors import MissingExtraError, UnknownPluginError
from coadapt.plugins import load_plugin, plugin_modules
from coadapt.policies.greedy import Greedy

KINDS = ["recommenders", "policies", "data/sources", "training/strategies", "tuning/searchers"]
ALL = [(kind, name) for kind in KINDS for name in plugin_modules(kind)]


def missing(package: str) -> Any:
    def import_module(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)

    return import_module


def test_the_name_of_the_file_is_the_name_of_the_plug_in() -> None:
    assert plugin_modules("policies")["greedy"] == "coadapt.policies.greedy"
    assert load_plugin("policies", "greedy") is Greedy


@pytest.mark.parametrize("kind", KINDS)
def test_contracts_and_parts_are_no_plug_ins(kind: str) -> None:
    names = plugin_modules(kind)
    assert list(names) == sorted(names)
    assert not [name for name in names if name.startswith("_") or name == "base"]


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_every_plug_in_can_be_loaded_and_is_described(kind: str, name: str) -> None:
    plugin = load_plugin(kind, name)
    assert plugin.__module__ == plugin_modules(kind)[name]
    assert inspect.getdoc(plugin)
    assert inspect.getmodule(plugin).__doc__


@pytest.mark.parametrize(
    "name", ["", "base", "_places", "../plugins", "greedy.py", "greedy\n", "policies.greedy", "🛍️"]
)
def test_no_other_name_reaches_a_module(name: str) -> None:
    with pytest.raises(UnknownPluginError, match="there are: epsilon_greedy, greedy,"):
        load_plugin("policies", name)


def test_a_kind_without_a_folder_has_no_plug_ins() -> None:
    assert plugin_modules("nothing") == {}


def test_a_missing_package_of_an_extra_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "import_module", missing("psycopg.sql"))
    with pytest.raises(MissingExtraError, match=r"greedy needs .* 'coadapt\[postgres\]'"):
        load_plugin("policies", "greedy")


def test_any_other_missing_module_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "import_module", missing("coadapt.nothing"))
    with pytest.raises(ModuleNotFoundError, match=r"coadapt\.nothing"):
        load_plugin("policies", "greedy")
