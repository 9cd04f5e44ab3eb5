"""Methods are compared seed by seed, with no more certainty than the seeds give."""

import numpy as np
import pytest
from mlboa.comparing import Difference, corrected, paired_difference
from scipy.stats import ttest_1samp

GAINS = np.array([1.0, 2.0, 3.0, 4.0, 5.0])


def test_seeds_that_share_nothing_are_tested_by_student() -> None:
    found = paired_difference(GAINS)
    assert (found.value, found.error) == pytest.approx((3.0, 0.5**0.5))
    assert found.p_value == pytest.approx(ttest_1samp(GAINS, 0).pvalue)


def test_the_correction_adds_test_examples_for_each_of_training_to_the_variance() -> None:
    found = paired_difference(GAINS, test_per_training=0.3)
    assert found.error == pytest.approx(1.25**0.5)
    # t = 3 / √1.25 = 6 / √5; with 4 degrees of freedom P(|T| > t) has a closed form.
    t = 6 / 5**0.5
    share = t / (4 + t**2) ** 0.5
    assert found.p_value == pytest.approx(1 - 1.5 * share + 0.5 * share**3)


def test_a_difference_that_never_varies_is_no_test() -> None:
    assert np.isnan(paired_difference(np.array([0.1, 0.1])).p_value)


def test_holm_multiplies_by_the_tests_that_are_left_and_never_falls() -> None:
    found = corrected([Difference(0, 1, p) for p in (0.01, 0.04, 0.03, 0.005)])
    assert [each.p_holm for each in found] == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_what_is_no_test_does_not_count() -> None:
    found = corrected([Difference(0, 1, 0.02), Difference(0, 0, np.nan)])
    assert found[0].p_holm == pytest.approx(0.02)
    assert np.isnan(found[1].p_holm)
