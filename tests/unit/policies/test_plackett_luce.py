"""Plackett-Luce draws by softmax and says exactly how probable each draw was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coadapt.data.batches import Ranking, Scores
from coadapt.policies.plackett_luce import PlackettLuce, PlackettLuceConfig
from coadapt.testing.policies import choose, situation


def log_propensity(policy, values, rows):
    ranking = Ranking(np.array([rows]), np.zeros((1, len(rows)), np.float32), np.ones((1, 1)))
    at = situation(1, len(values), len(rows))
    return policy.log_propensity(at, Scores(np.array([values], np.float32)), ranking)[0]


def test_the_first_place_is_a_softmax_of_scores_over_temperature():
    policy = PlackettLuce(PlackettLuceConfig(temperature=2, exploration=0, standardize=False))
    p = np.exp(log_propensity(policy, [2.0, 0.0], [10]))
    assert p == pytest.approx(np.e / (np.e + 1))


def test_the_second_place_is_a_softmax_over_what_is_left():
    policy = PlackettLuce(PlackettLuceConfig(temperature=1, exploration=0, standardize=False))
    p = np.exp(log_propensity(policy, np.log([5.0, 3.0, 1.0]), [10, 12]))
    assert p == pytest.approx([5 / 9, 1 / 4])


def test_exploration_is_spread_evenly_over_what_is_left():
    policy = PlackettLuce(PlackettLuceConfig(temperature=1, exploration=0.3, standardize=False))
    p = np.exp(log_propensity(policy, [1000.0, 0.0, 0.0], [11, 12]))
    assert p == pytest.approx([0.1, 0.15])


def test_no_candidate_is_less_probable_than_its_share_of_exploration():
    policy = PlackettLuce(PlackettLuceConfig(temperature=1e-6, exploration=0.02))
    assert np.exp(log_propensity(policy, [1.0, 2.0], [10])) == pytest.approx(0.01)


def test_all_exploration_is_even():
    policy = PlackettLuce(PlackettLuceConfig(exploration=1))
    assert np.exp(log_propensity(policy, [1.0, 9.0, 5.0], [10])) == pytest.approx(1 / 3)


def test_standardized_scores_mean_the_same_in_any_unit():
    policy = PlackettLuce(PlackettLuceConfig())
    plain = log_propensity(policy, [1.0, 2.0, 4.0], [11, 10, 12])
    scaled = log_propensity(policy, [107.0, 114.0, 128.0], [11, 10, 12])
    assert scaled == pytest.approx(plain)


def test_standard_deviation_is_that_of_usable_scores():
    policy = PlackettLuce(PlackettLuceConfig(temperature=1, exploration=0))
    p = np.exp(log_propensity(policy, [1.0, -1.0, np.nan, -np.inf], [10]))
    assert p == pytest.approx(np.e / (np.e + 1 / np.e))


def test_constant_scores_are_drawn_evenly():
    policy = PlackettLuce(PlackettLuceConfig())
    assert np.exp(log_propensity(policy, [0.1] * 4, [10])) == pytest.approx(0.25)


def test_a_lower_temperature_is_greedier():
    values = np.tile(np.array([1.0, 1.1, 0.9], np.float32), (4000, 1))
    cold, warm = (
        (choose(PlackettLuce(PlackettLuceConfig(temperature=t)), values, 1).rows == 11).mean()
        for t in (0.2, 2.0)
    )
    assert cold > 0.95
    assert warm < 0.7


def test_far_apart_scores_never_overflow():
    policy = PlackettLuce(PlackettLuceConfig(temperature=1e-6, exploration=0, standardize=False))
    assert log_propensity(policy, [3e38, -3e38, 0.0], [10, 12, 11]) == pytest.approx([0, 0, 0])


def test_equal_scores_far_below_the_best_still_share_evenly():
    policy = PlackettLuce(PlackettLuceConfig(temperature=1, exploration=0, standardize=False))
    values = np.tile(np.array([1e30, -1e30, -1e30], np.float32), (4000, 1))
    second = choose(policy, values, 2).rows[:, 1]
    assert (second == 11).mean() == pytest.approx(0.5, abs=0.05)


@given(
    hnp.arrays(np.float32, (3, 6), elements=st.floats(-1e6, 1e6, width=32)),
    st.floats(0.05, 10),
    st.floats(0, 1),
    st.booleans(),
)
def test_every_choice_has_the_propensity_it_is_logged_with(values, temperature, share, standard):
    policy = PlackettLuce(
        PlackettLuceConfig(temperature=temperature, exploration=share, standardize=standard)
    )
    ranking = choose(policy, values, 4)
    log_p = policy.log_propensity(situation(3, 6, 4), Scores(values), ranking)
    np.testing.assert_allclose(np.exp(log_p), ranking.propensities, rtol=1e-12)


def test_a_temperature_of_zero_is_refused():
    with pytest.raises(ValueError, match="temperature"):
        PlackettLuceConfig(temperature=0)
