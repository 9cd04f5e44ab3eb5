"""Shoppers look from the top, and click what they like among what they see."""

import numpy as np
import polars as pl
import pytest

from coadapt.simulation.behavior import Reaction, examination, react
from coadapt.simulation.worlds.base import Goods, World

ALL = np.arange(3)


def world(tastes: list[float]) -> World:
    table = pl.DataFrame({"item_id": ["a", "b", "c"], "title": ["A", "B", "C"]})
    goods = Goods(table, np.eye(3), np.zeros(3), np.array([[1], [-1], [-1]]))
    return World(goods, ["mia"], 1, np.array([tastes]), baseline=0.0)


def reactions(to: World, items: np.ndarray, times: int = 4000) -> list[Reaction]:
    random = np.random.default_rng(0)
    return [each for _ in range(times) for each in react(to, 0, items, -1, random)]


def test_the_first_place_is_always_looked_at() -> None:
    assert examination(5)[0] == 1


def test_lower_places_are_looked_at_less_by_a_power_of_the_position() -> None:
    assert examination(4, severity=0.5) == pytest.approx([1, 2**-0.5, 3**-0.5, 0.5])


def test_without_severity_all_places_are_looked_at() -> None:
    assert examination(4, severity=0).tolist() == [1, 1, 1, 1]


def test_attraction_is_the_logistic_of_the_log_odds() -> None:
    chance = world([0.0, np.log(3), -np.log(3)]).attraction(0, ALL, -1)
    assert chance == pytest.approx([0.5, 0.75, 0.25])


def test_what_goes_with_the_last_item_attracts_more() -> None:
    someone = world([0.0, 0.0, 0.0])
    assert someone.attraction(0, ALL, 0)[1] > someone.attraction(0, ALL, -1)[1]


def test_an_item_without_companions_attracts_no_other_one() -> None:
    someone = world([0.0, 0.0, 0.0])
    assert someone.attraction(0, ALL, 2) == pytest.approx(someone.attraction(0, ALL, -1))


def test_clicks_come_as_often_as_looks_and_attraction_say() -> None:
    positions = [each.position for each in reactions(world([0.0, 0.0, 0.0]), ALL)]
    shares = np.bincount(positions, minlength=4)[1:] / 4000
    assert shares == pytest.approx(0.5 * examination(3), abs=0.03)


def test_an_item_of_no_interest_is_never_clicked() -> None:
    clicked = {each.item for each in reactions(world([50.0, -50.0, 50.0]), ALL)}
    assert clicked == {0, 2}


def test_an_item_that_the_world_does_not_know_is_never_clicked() -> None:
    assert reactions(world([50.0, 50.0, 50.0]), np.array([-1])) == []


def test_only_what_is_in_the_cart_is_bought() -> None:
    bought = [each for each in reactions(world([50.0, 0.0, 0.0]), ALL) if each.is_bought]
    assert bought
    assert all(each.is_in_cart for each in bought)


def test_one_seed_makes_one_play() -> None:
    someone = world([0.3, 0.2, 0.1])
    assert reactions(someone, ALL, 50) == reactions(someone, ALL, 50)
