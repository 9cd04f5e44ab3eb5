"""A range says where to search, and refuses to say nothing."""

import math

import pytest

from coadapt.domain.errors import ConfigError
from coadapt.domain.ranges import Between, OneOf


@pytest.mark.parametrize(
    ("low", "high", "options", "reason"),
    [
        (2.0, 1.0, {}, "above high"),
        (1.0, 1.0, {}, "give the one value"),
        (0.0, 1.0, {"log": True}, "above zero"),
        (-1.0, 1.0, {"log": True}, "above zero"),
        (math.nan, 1.0, {}, "finite"),
        (0.0, math.inf, {}, "finite"),
        (1.0, 2.0, {"log": True, "step": 0.5}, "exclude"),
        (1.0, 2.0, {"step": 0.0}, "step"),
        (1.0, 2.0, {"step": 3.0}, "step"),
        (32, 130, {"step": 32}, "whole number of steps"),
    ],
)
def test_contradictory_bounds_are_refused_with_a_reason(low, high, options, reason) -> None:
    with pytest.raises(ConfigError, match=reason):
        Between(low, high, **options)


def test_choices_keep_their_order_and_condition() -> None:
    choice = OneOf("b", "a", when=("kind", "x"))
    assert choice.choices == ("b", "a")
    assert choice.when == ("kind", "x")


@pytest.mark.parametrize("choices", [(), ("a",), ("a", "a"), (1.0, math.nan)])
def test_choices_that_leave_nothing_to_choose_are_refused(choices) -> None:
    with pytest.raises(ConfigError):
        OneOf(*choices)


def test_true_and_one_are_two_choices() -> None:
    assert OneOf(True, 1).choices == (True, 1)
