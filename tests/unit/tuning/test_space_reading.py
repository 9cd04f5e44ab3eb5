"""A space is what a config class annotates, changed by what a file says."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pytest
from pydantic import BaseModel, Field

from coadapt.domain.errors import ConfigError
from coadapt.domain.ranges import Between, OneOf
from coadapt.plugins import load_plugin, plugin_modules
from coadapt.tuning.searchers.mlboa import MLBOA
from coadapt.tuning.space_reading import read_space
from coadapt.tuning.trials import Outcome

PLUGINS = [
    (kind, name)
    for kind in ("recommenders", "policies", "value", "tuning/searchers")
    for name in plugin_modules(kind)
]


class Config(BaseModel):
    k1: Annotated[float, Field(gt=0), Between(0.1, 10.0, log=True, when=("kind", "bm25"))] = 1.2
    kind: Annotated[Literal["bm25", "cosine"], OneOf("bm25", "cosine")] = "bm25"
    n: Annotated[int, Field(ge=1), Between(1, 100)] = 5
    free: Annotated[float, Field(ge=0)] = 0.5
    name: str = "x"


def test_what_is_annotated_is_searched_after_what_it_depends_on() -> None:
    assert read_space(Config, {}, {}).space.names == ["kind", "n", "k1"]


def test_a_plain_value_fixes_a_hyperparameter() -> None:
    plan = read_space(Config, {}, {"n": 7})
    assert plan.fixed == {"n": 7}
    assert plan.space.names == ["kind", "k1"]


def test_what_a_fixed_choice_switches_off_is_not_searched() -> None:
    assert read_space(Config, {}, {"kind": "cosine"}).space.names == ["n"]


def test_what_a_fixed_choice_switches_on_is_searched_always() -> None:
    space = read_space(Config, {}, {"kind": "bm25"}).space
    assert space.values_at([0.0, 0.0]) == {"k1": 0.1, "n": 1}


def test_a_step_makes_a_log_range_even() -> None:
    plan = read_space(Config, {}, {"k1": {"low": 1.0, "high": 3.0, "step": 0.5}, "kind": "bm25"})
    assert plan.space.parameters[0].lattice(9) == [1.0, 1.5, 2.0, 2.5, 3.0]


def test_what_narrower_choices_switch_off_is_not_searched() -> None:
    class Wider(Config):
        kind: Annotated[Literal["bm25", "cosine", "dice"], OneOf("bm25", "cosine", "dice")] = "bm25"

    assert read_space(Wider, {}, {"kind": ["cosine", "dice"]}).space.names == ["kind", "n"]
    with pytest.raises(ConfigError, match=r"tuning\.space\.k1: needs kind = 'bm25', which cannot"):
        read_space(Wider, {}, {"kind": ["cosine", "dice"], "k1": {"high": 2.0}})


def test_item_knn_is_tuned_without_bm25() -> None:
    config_class = load_plugin("recommenders", "item_knn").Config
    space = read_space(config_class, {}, {"similarity": ["cosine", "tfidf"]}).space
    assert space.names == ["similarity", "n_neighbours"]


class Chain(BaseModel):
    a: Annotated[str, OneOf("x", "y")] = "x"
    b: Annotated[str, OneOf("u", "v")] = "u"
    c: Annotated[float, Between(0.0, 1.0, when=("b", "u"))] = 0.5
    d: Annotated[int, Between(1, 64, log=True)] = 2
    e: Annotated[float, Between(0.0, 1.0, when=("d", 2))] = 0.5


def test_what_hangs_on_something_that_does_not_matter_does_not_matter() -> None:
    class Longer(Chain):
        b: Annotated[str, OneOf("u", "v", when=("a", "y"))] = "u"

    assert read_space(Longer, {}, {"a": "x"}).space.names == ["d", "e"]
    assert read_space(Longer, {}, {"a": "y"}).space.names == ["b", "d", "c", "e"]


def test_what_hangs_on_a_number_out_of_its_narrower_range_is_not_searched() -> None:
    changes = {"a": "x", "b": "v", "d": {"low": 4}}
    assert read_space(Chain, {}, changes).space.names == ["d"]


def test_mlboa_searches_what_hangs_on_a_number() -> None:
    space = read_space(Chain, {}, {"a": "x", "b": "v", "d": {"high": 4}}).space
    searcher = MLBOA(space, MLBOA.Config())
    found = []
    for _ in range(20):
        trial = searcher.ask()
        found += [trial.values["e"]] if trial.values["d"] == 2 else []
        searcher.tell(Outcome(trial, abs(trial.values["d"] - 2) + found[-1] if found else 1.0))
    assert np.std(found) > 0.01


def test_a_table_narrows_the_annotated_range_and_keeps_the_rest() -> None:
    space = read_space(Config, {}, {"kind": "bm25", "n": 1, "k1": {"high": 1.0}}).space
    assert space.values_at([0.5])["k1"] == pytest.approx(0.1**0.5)


def test_a_list_gives_choices() -> None:
    space = read_space(Config, {}, {"kind": "cosine", "n": [3, 9]}).space
    assert [space.values_at([place])["n"] for place in (0.2, 0.8)] == [3, 9]


class Numbers(BaseModel):
    share: float = 0.0
    n: int = 10
    limit: int | None = None
    either: int | float = 1


@pytest.mark.parametrize(
    ("name", "written", "read"),
    [
        ("share", [0, 0.1], "(0.0, 0.1)"),
        ("share", [True, 2], "(True, 2.0)"),
        ("n", [10.0, 35.0], "(10, 35)"),
        ("limit", [10.0, 35], "(10, 35)"),
        ("either", [1, 2.0], "(1, 2.0)"),
    ],
)
def test_choices_are_numbers_of_the_fields_own_type(name, written, read) -> None:
    (parameter,) = read_space(Numbers, {}, {name: written}).space.parameters
    assert repr(parameter.range.choices) == read


def test_a_choice_that_is_the_same_number_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"tuning\.space\.share: the same value"):
        read_space(Numbers, {}, {"share": [0, 0.0]})


def test_a_field_without_annotation_is_searched_between_given_bounds() -> None:
    assert "free" in read_space(Config, {}, {"free": {"low": 0.0, "high": 2.0}}).space.names


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nothing": 1}, r"tuning\.space\.nothing: no such hyperparameter; there are: k1, kind"),
        ({"n": {"low": 5, "high": 5}}, r"tuning\.space\.n: low and high are both 5"),
        ({"n": {"low": 9, "high": 5}}, r"tuning\.space\.n: low \(9\) is above high"),
        ({"n": {"low": 0}}, r"tuning\.space\.n: 0: .*greater than"),
        ({"n": {"low": 1.5}}, r"tuning\.space\.n: is an integer"),
        ({"n": {"low": 1, "high": 4, "step": 1.5}}, r"tuning\.space\.n: is an integer"),
        ({"n": {"lowest": 1}}, r"tuning\.space\.n: a range has low"),
        ({"n": [3]}, r"tuning\.space\.n: a choice needs at least two"),
        ({"n": [[3], [4]]}, r"tuning\.space\.n: "),
        ({"n": "many"}, r"tuning\.space\.n: "),
        ({"free": {"low": 1.0}}, r"tuning\.space\.free: give low and high"),
        ({"name": {"low": 1, "high": 2}}, r"tuning\.space\.name: is no number"),
        ({"kind": ["bm25", "dice"]}, r"tuning\.space\.kind: 'dice'"),
        ({"n": 1, "kind": "cosine"}, r"tuning\.space: nothing is left to search"),
    ],
)
def test_what_cannot_be_searched_is_refused_by_its_key(changes, message) -> None:
    with pytest.raises(ConfigError, match=message):
        read_space(Config, {}, changes)


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_every_annotated_range_lies_within_the_limits_of_its_field(kind, name) -> None:
    config_class = load_plugin(kind, name).Config
    ranges = [m for f in config_class.model_fields.values() for m in f.metadata]
    if any(isinstance(each, Between | OneOf) for each in ranges):
        plan = read_space(config_class, {}, {})
        for place in (0.0, 0.5, 1.0):
            config_class(**plan.space.values_at([place] * len(plan.space)))
