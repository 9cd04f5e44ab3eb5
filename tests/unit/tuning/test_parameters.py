"""Every value has a place in the unit interval, and every place a value."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.domain.ranges import Between, OneOf
from coadapt.tuning.parameters import Parameter

PARAMETERS = [
    Parameter("rate", "float", Between(1e-4, 1e-1, log=True)),
    Parameter("shift", "float", Between(-3.0, 5.0)),
    Parameter("share", "float", Between(0.0, 1.0, step=0.1)),
    Parameter("width", "integer", Between(8, 256, log=True)),
    Parameter("depth", "integer", Between(1, 9, step=2)),
    Parameter("kind", "categorical", OneOf("a", "b", "c")),
]


@pytest.mark.parametrize("parameter", PARAMETERS)
@given(place=st.floats(0, 1))
def test_a_value_is_found_again_from_its_place(parameter, place) -> None:
    value = parameter.from_unit(place)
    again = parameter.from_unit(parameter.to_unit(value))
    assert again == value if parameter.n_values else again == pytest.approx(value)


@pytest.mark.parametrize("parameter", PARAMETERS[:5])
def test_the_ends_of_the_interval_are_the_bounds(parameter) -> None:
    assert parameter.from_unit(0.0) == parameter.range.low
    assert parameter.from_unit(1.0) == parameter.range.high


@pytest.mark.parametrize("place", [-1.0, 2.0])
def test_a_place_outside_counts_as_the_nearer_end(place) -> None:
    assert PARAMETERS[1].from_unit(place) == (-3.0 if place < 0 else 5.0)


def test_a_log_range_is_even_by_ratio() -> None:
    assert PARAMETERS[0].from_unit(2 / 3) == pytest.approx(1e-2)


def test_an_integer_is_an_integer() -> None:
    assert isinstance(PARAMETERS[3].from_unit(0.3), int)
    assert isinstance(PARAMETERS[4].from_unit(0.3), int)


def test_choices_have_equal_parts_and_true_is_not_one() -> None:
    parameter = Parameter("on", "categorical", OneOf(True, 1))
    assert parameter.from_unit(0.2) is True
    assert parameter.to_unit(1) == 0.75


@pytest.mark.parametrize("value", [1.0, math.inf])
def test_a_value_out_of_range_has_no_place(value) -> None:
    with pytest.raises(ValueError, match="rate"):
        PARAMETERS[0].to_unit(value)


@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        (PARAMETERS[0], [1e-4, 1e-3, 1e-2, 1e-1]),
        (PARAMETERS[4], [1, 3, 7, 9]),
        (PARAMETERS[5], ["a", "b", "c"]),
        (Parameter("n", "integer", Between(1, 3, log=True)), [1, 2, 3]),
    ],
)
def test_a_lattice_holds_both_ends_and_every_choice(parameter, values) -> None:
    found = parameter.lattice(4)
    assert found == values or found == pytest.approx(values)


def test_a_whole_lattice_has_no_errors_of_rounding() -> None:
    assert Parameter("x", "float", Between(0.0, 0.4, step=0.1)).lattice(5) == [
        0,
        0.1,
        0.2,
        0.3,
        0.4,
    ]
