"""Exposure metrics tell how widely the catalogue is shown."""

import numpy as np
import pytest

from coadapt.evaluation.exposure import coverage, gini


def test_coverage_is_the_share_of_items_that_anyone_is_shown():
    assert coverage(np.array([3.0, 0, 1, 0])) == 0.5


def test_equal_exposure_has_no_concentration():
    assert gini(np.full(5, 7.0)) == pytest.approx(0)


def test_one_item_taking_all_is_nearly_one():
    assert gini(np.array([0.0, 0, 0, 9])) == pytest.approx(0.75)


def test_several_counts_are_measured_at_once():
    both = np.array([[1.0, 1], [0, 2]])
    assert gini(both) == pytest.approx([0, 0.5])
    assert coverage(both) == pytest.approx([1, 0.5])


def test_nothing_shown_is_not_concentrated():
    assert gini(np.zeros(3)) == 0
