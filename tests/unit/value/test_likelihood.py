"""The likeliest parameters lie at the top of the likelihood, within bounds."""

import numpy as np
import pytest

from coadapt.value._likelihood import most_likely


def test_a_hill_is_climbed_to_its_top():
    def hill(parameters):
        return -((np.log(parameters[0]) - 1) ** 2) - (np.log(parameters[1]) + 2) ** 2

    found = most_likely(hill, start=[1.0, 1.0], log_bounds=[(-5, 5), (-5, 5)])
    assert found == pytest.approx([np.exp(1), np.exp(-2)], rel=1e-5)


def test_a_slope_without_end_is_climbed_to_the_bound():
    found = most_likely(lambda parameters: np.log(parameters[0]), [1.0], [(-2, 2)])
    assert found == pytest.approx([np.exp(2)], rel=1e-4)
