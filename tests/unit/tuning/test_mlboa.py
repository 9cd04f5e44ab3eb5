"""The butterfly searcher finds what is off the centre, repeats itself and survives bad trials."""

import numpy as np
import pytest
from pydantic import ValidationError

from coadapt.tuning._mlboa.config import MLBOAConfig
from coadapt.tuning._mlboa.cube import DimKind, Observed
from coadapt.tuning._mlboa.interpolation import bowl_minimum, parabola_moves
from coadapt.tuning._mlboa.moves import butterfly_moves, swarm_of
from coadapt.tuning._mlboa.proposer import Proposer

PLAIN, LEVELS = DimKind(), DimKind("integer", 4)
BEST_AT = np.array([0.8, 0.3])
PARTS = [
    name for name, field in MLBOAConfig.model_fields.items() if isinstance(field.default, bool)
]


def shifted_sphere(point):
    return float(((point - BEST_AT) ** 2).sum())


def searcher(kinds=(PLAIN, PLAIN), seed=0, **config):
    return Proposer(kinds, MLBOAConfig(**config), np.random.default_rng(seed))


def search(function, n_trials, mlboa, cost=lambda point: 1.0):
    points, values, costs = np.empty((0, mlboa.cube.n_dims)), np.empty(0), np.empty(0)
    for _ in range(n_trials):
        point = mlboa.propose(Observed(points, values, costs))
        points, values = np.vstack([points, point]), np.append(values, function(point))
        costs = np.append(costs, cost(point))
    return Observed(points, values, costs)


def test_a_shifted_sphere_is_found_where_random_points_come_nowhere_near() -> None:
    found = search(shifted_sphere, 30, searcher())
    at_random = np.random.default_rng(0).random((3000, 2))
    assert found.values.min() < min(map(shifted_sphere, at_random))


def test_an_optimum_at_the_centre_is_no_easier_than_one_beside_it() -> None:
    centred = search(lambda point: ((point - 0.5) ** 2).sum(), 5, searcher()).values.min()
    assert centred > 1e-4


def test_the_same_trials_give_the_same_proposal() -> None:
    past = search(shifted_sphere, 12, searcher())
    assert searcher().propose(past) == pytest.approx(searcher().propose(past), abs=0)


def test_another_seed_gives_another_study() -> None:
    one, other = (search(shifted_sphere, 8, searcher(seed=seed)).points for seed in (1, 2))
    assert not np.allclose(one, other)


def test_what_was_handed_in_stays_as_it_was() -> None:
    past = search(shifted_sphere, 12, searcher())
    points, values = past.points.copy(), past.values.copy()
    searcher().propose(past)
    assert (past.points == points).all()
    assert (past.values == values).all()


@pytest.mark.parametrize("part", PARTS)
def test_each_part_can_be_switched_on_and_off(part: str) -> None:
    found = []
    for is_on in (True, False):
        points = search(
            shifted_sphere, 14, searcher(**{part: is_on}), cost=lambda x: 1 + x[0]
        ).points
        assert ((points >= 0) & (points <= 1)).all()
        assert len(np.unique(points, axis=0)) == 14
        found.append(points)
    assert not np.array_equal(*found)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_a_bad_trial_is_no_reason_to_stop_or_to_come_back(bad: float) -> None:
    found = search(lambda x: bad if x[0] < 0.5 else shifted_sphere(x), 30, searcher())
    assert (found.points[10:, 0] >= 0.5).mean() > 0.7
    assert np.nanmin(np.abs(found.values)) < 1e-3


def test_trials_that_all_fail_are_followed_by_new_ones() -> None:
    points = search(lambda _: np.nan, 20, searcher()).points
    assert len(np.unique(points, axis=0)) == 20


def test_a_flat_objective_is_searched_on() -> None:
    points = search(lambda _: 1.0, 20, searcher()).points
    assert len(np.unique(points, axis=0)) == 20


def test_noise_does_not_hide_the_way() -> None:
    noise = np.random.default_rng(0).normal(0, 0.01, 1000).tolist()
    found = search(lambda x: shifted_sphere(x) + noise.pop(), 40, searcher())
    assert np.median(list(map(shifted_sphere, found.points[-10:]))) < 0.05


def test_every_setting_of_a_small_space_is_tried_once() -> None:
    points = search(lambda x: x.sum(), 16, searcher((LEVELS, LEVELS))).points
    assert len(np.unique(points, axis=0)) == 16


def test_a_space_that_is_used_up_is_proposed_from_again() -> None:
    points = search(lambda x: x.sum(), 7, searcher((LEVELS,))).points
    assert len(np.unique(points, axis=0)) == 4


def test_the_best_category_is_found() -> None:
    kinds = (DimKind("categorical", 5), PLAIN)
    found = search(lambda x: abs(x[0] - 0.7) + (x[1] - 0.3) ** 2, 25, searcher(kinds))
    assert found.points[np.argmin(found.values), 0] == pytest.approx(0.7)


def test_a_coordinate_that_does_not_count_stands_still() -> None:
    kinds = (DimKind("categorical", 2), DimKind(parent=0, active_levels=(1,)))
    points = search(lambda x: x[0] + (x[1] - 0.2) ** 2, 20, searcher(kinds)).points
    assert set(points[points[:, 0] < 0.5, 1]) == {0.5}


def test_a_running_trial_is_not_proposed_again() -> None:
    past = search(shifted_sphere, 12, searcher())
    first = searcher().propose(past)
    running = Observed(past.points, past.values, pending=first[np.newaxis])
    assert np.abs(searcher().propose(running) - first).max() > 1e-6


def test_of_two_equal_valleys_the_cheaper_is_visited_more_often() -> None:
    valleys = search(
        lambda point: np.cos(4 * np.pi * point[0]),
        25,
        searcher((PLAIN,), costs=True),
        cost=lambda point: 100.0 if point[0] > 0.5 else 1.0,
    )
    assert (valleys.points < 0.5).mean() > 0.6


def test_butterflies_in_one_place_stay_there_rather_than_fly_to_the_origin() -> None:
    swarm = swarm_of(np.tile(BEST_AT, (5, 1)), 5, sensing=1.5)
    moved = butterfly_moves(swarm, 100, np.random.default_rng(0))
    assert moved == pytest.approx(np.tile(BEST_AT, (100, 1)))


def test_a_parabola_through_three_trials_leads_to_its_vertex() -> None:
    points = np.array([[0.2, 0.9], [0.5, 0.6], [0.7, 0.1]])
    values = ((points - BEST_AT) ** 2)[:, 0]
    moved = parabola_moves(points, values, 10, np.random.default_rng(0))
    assert moved[:, 0] == pytest.approx(np.full(10, BEST_AT[0]))


def test_a_bowl_through_enough_trials_leads_to_its_bottom() -> None:
    points = np.random.default_rng(0).random((10, 2))
    values = ((points - BEST_AT) @ np.array([[3.0, 1.0], [0.0, 1.0]])) ** 2
    bottom = bowl_minimum(points, values.sum(axis=1), np.ones(2))
    assert bottom == pytest.approx(BEST_AT, abs=1e-6)


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(ValidationError):
        MLBOAConfig(telepathy=True)
