"""What an Optuna study's trials drew tells what is searched, and when it occurs."""

from __future__ import annotations

from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from coadapt.tuning.optuna_conditions import spaces_of
from coadapt.tuning.optuna_space import Drawn, OptunaSpace, search_space_of

KNOWN: dict[str, BaseDistribution] = {
    "count": IntDistribution(1, 5),
    "kind": CategoricalDistribution(["a", "b", "c"]),
    "flag": CategoricalDistribution([True, False]),
    "x": FloatDistribution(0, 10),
    "y": FloatDistribution(0, 10),
}


def drawn(**params: Any) -> Drawn:
    return Drawn(params, {name: KNOWN[name] for name in params})


def spaces(*trials: Drawn) -> list[OptunaSpace]:
    return spaces_of(search_space_of(trials), trials)


def test_where_all_drew_everything_nothing_has_a_condition() -> None:
    (space,) = spaces(drawn(kind="a", x=1), drawn(x=2, kind="b"))
    assert space.space.names == ["kind", "x"]
    assert not space.conditions


def test_a_number_occurs_at_the_choices_at_which_trials_drew_it() -> None:
    (space,) = spaces(drawn(kind="a"), drawn(kind="b", x=1), drawn(kind="c", x=1))
    assert space.conditions == {"x": ("kind", (1, 2))}


def test_a_number_occurs_from_the_first_count_above_all_without_it() -> None:
    (space,) = spaces(drawn(count=2), drawn(count=4, x=1))
    assert space.conditions == {"x": ("count", (2, 3, 4))}


def test_a_number_may_occur_up_to_a_count() -> None:
    (space,) = spaces(drawn(count=2, x=1), drawn(count=4))
    assert space.conditions == {"x": ("count", (0, 1, 2))}


def test_a_condition_may_hang_on_a_condition() -> None:
    without = drawn(kind="a")
    (space,) = spaces(without, drawn(kind="b", flag=False), drawn(kind="b", flag=True, x=1))
    assert space.conditions == {"flag": ("kind", (1,)), "x": ("flag", (0,))}


def test_what_no_level_tells_is_in_a_space_of_its_own() -> None:
    both, neither = drawn(kind="a", x=1, y=1), drawn(kind="a")
    assert [space.space.names for space in spaces(neither, both, neither)] == [["kind"], ["x", "y"]]


def test_a_trial_out_of_bounds_explains_nothing_and_has_no_values() -> None:
    outside = drawn(kind="a", x=12)
    (space,) = spaces(drawn(kind="b", x=1), outside, drawn(kind="a"))
    assert space.conditions == {"x": ("kind", (1,))}
    assert spaces(drawn(x=1), outside)[0].values_of(outside) is None


def test_values_are_those_that_matter() -> None:
    (space,) = spaces(drawn(kind="a"), drawn(kind="b", x=5))
    assert space.values_of(drawn(kind="a", x=5)) == {"kind": 0}
    assert space.values_of(drawn(kind="b")) is None
    assert space.values_at([0.5, 0.5]) == {"kind": 1, "x": 5}


def test_a_name_with_several_ranges_is_not_searched() -> None:
    wide = Drawn({"x": 1, "y": 1}, {"x": FloatDistribution(0, 20), "y": KNOWN["y"]})
    assert list(search_space_of([drawn(x=1, y=1), wide])) == ["y"]
