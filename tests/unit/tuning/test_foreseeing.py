"""What a stopped trial would have come to is told from the curves before it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.tuning._mlboa.foreseeing import Ended, foreseen

WHOLE = Ended(4.0, {1: 8.0, 2: 5.0, 3: 4.0})


def stopped(*values: float) -> Ended:
    """Return a trial that was stopped after these values."""
    return Ended(values[-1], dict(enumerate(values, start=1)), is_stopped=True)


def test_a_stopped_trial_gains_what_another_gained_from_there() -> None:
    assert foreseen(stopped(9.0), [WHOLE]) == 9.0 - 3.0 - 1.0
    assert foreseen(stopped(9.0, 6.0), [WHOLE]) == 6.0 - 1.0


def test_the_median_counts_those_too_that_were_stopped_later() -> None:
    past = [WHOLE, stopped(9.0, 8.0), stopped(9.0, 7.0)]
    # From the first step to the second they gained 3, 1 and 2, and the whole one then 1.
    assert foreseen(stopped(9.0), past) == 9.0 - 2.0 - 1.0


def test_nobody_comes_to_be_better_than_the_best_whole_trial() -> None:
    assert foreseen(stopped(5.5), [WHOLE]) == WHOLE.value


def test_values_of_another_kind_than_the_reports_are_compared_with_their_like() -> None:
    assert foreseen(stopped(9.0, 9.0), [WHOLE._replace(value=40.0)]) == 9.0 - 1.0 + 36.0


def test_a_rise_counts_for_nothing_and_what_is_no_number_is_left_out() -> None:
    past = [Ended(4.0, {1: 8.0, 2: 9.0, 3: 4.0})]
    trial = Ended(9.0, {1: 9.0, 2: math.nan}, is_stopped=True)
    assert foreseen(trial, past) == 9.0 - 0.0 - 4.0


@pytest.mark.parametrize(
    ("trial", "past"),
    [
        (stopped(9.0), []),
        (WHOLE, [WHOLE]),
        (Ended(9.0, {}, is_stopped=True), [WHOLE]),
        (stopped(9.0), [Ended(3.0, {})]),
        (stopped(9.0), [stopped(8.0)]),
        (stopped(9.0), [WHOLE._replace(value=math.nan)]),
        (stopped(9.0)._replace(value=math.nan), [WHOLE]),
        (Ended(9.0, {1: math.inf}, is_stopped=True), [WHOLE]),
    ],
)
def test_what_nobody_can_foresee_stays(trial, past) -> None:
    np.testing.assert_equal(foreseen(trial, past), trial.value)


CURVES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5)


@given(CURVES, st.lists(st.tuples(CURVES, st.booleans()), max_size=8))
def test_nobody_is_foreseen_to_become_worse(curve, others) -> None:
    past = [Ended(min(c), dict(enumerate(c, 1)), is_stopped=over) for c, over in others]
    trial = Ended(min(curve), dict(enumerate(curve, 1)), is_stopped=True)
    best = min((each.value for each in past if not each.is_stopped), default=-math.inf)
    assert min(best, trial.value) <= foreseen(trial, past) <= max(best, trial.value)
