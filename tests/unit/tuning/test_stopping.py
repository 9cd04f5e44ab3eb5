"""A trial whose curve is hopeless is stopped, and no other."""

from __future__ import annotations

import pytest

from coadapt.tuning.stopping import HalvingRule, MedianRule

OTHERS = [{1: value, 2: value} for value in (1.0, 2.0, 3.0, 4.0, 5.0)]


@pytest.mark.parametrize(
    ("curve", "is_hopeless"), [({1: 4.0, 2: 3.5}, True), ({1: 9, 2: 2.5}, False)]
)
def test_the_median_rule_compares_the_best_so_far_with_the_others_means(curve, is_hopeless) -> None:
    assert MedianRule().is_hopeless(curve, OTHERS) is is_hopeless


def test_the_median_rule_waits_for_a_second_step() -> None:
    assert not MedianRule().is_hopeless({1: 9.0}, OTHERS)


def test_the_median_rule_waits_for_enough_trials() -> None:
    assert not MedianRule().is_hopeless({1: 9.0, 2: 9.0}, OTHERS[:4])


def test_the_median_rule_passes_over_trials_that_ended_earlier() -> None:
    assert not MedianRule().is_hopeless({1: 9.0, 2: 9.0, 3: 9.0}, OTHERS)


@pytest.mark.parametrize(("value", "is_hopeless"), [(0.5, False), (1.5, False), (2.5, True)])
def test_halving_lets_the_best_third_pass_a_rung(value, is_hopeless) -> None:
    assert HalvingRule().is_hopeless({1: value}, OTHERS) is is_hopeless


def test_halving_looks_at_rungs_only() -> None:
    assert not HalvingRule().is_hopeless({1: 9.0, 2: 9.0}, OTHERS)


def test_halving_lets_the_first_one_pass() -> None:
    assert not HalvingRule().is_hopeless({1: 9.0}, [])
