"""A space is made of parameters that matter or do not."""

from __future__ import annotations

import pytest

from coadapt.domain.errors import ConfigError
from coadapt.domain.ranges import Between, OneOf
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.space import Space

KIND = Parameter("kind", "categorical", OneOf("a", "b"))
ONLY_B = Parameter("x", "float", Between(0.0, 1.0, when=("kind", "b")))
SPACE = Space((KIND, ONLY_B))


def test_a_parameter_counts_only_where_its_condition_holds() -> None:
    assert SPACE.values_at([0.1, 0.3]) == {"kind": "a"}
    assert SPACE.values_at([0.9, 0.3]) == {"kind": "b", "x": 0.3}


def test_values_are_found_again_from_their_point() -> None:
    for values in ({"kind": "a"}, {"kind": "b", "x": 0.3}):
        assert SPACE.values_at(SPACE.point_of(values)) == values


def test_an_empty_space_is_refused() -> None:
    with pytest.raises(ConfigError, match="nothing to search"):
        Space(())


def test_a_name_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="twice"):
        Space((KIND, KIND))


def test_a_condition_on_what_comes_later_is_refused() -> None:
    with pytest.raises(ConfigError, match="not searched before"):
        Space((ONLY_B, KIND))


def test_a_condition_that_cannot_hold_is_refused() -> None:
    never = Parameter("x", "float", Between(0.0, 1.0, when=("kind", "c")))
    with pytest.raises(ConfigError, match="cannot be"):
        Space((KIND, never))


def test_a_point_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        SPACE.values_at([0.1])
