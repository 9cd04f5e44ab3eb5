"""A grid visits each point once, spread over the space from the start."""

from __future__ import annotations

import pytest

from coadapt.domain.errors import ExhaustedError
from coadapt.domain.ranges import Between, OneOf
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.searchers.grid import Grid, GridConfig
from coadapt.tuning.space import Space

KIND = Parameter("kind", "categorical", OneOf("a", "b"))
SPACE = Space((KIND, Parameter("x", "float", Between(0.0, 1.0, when=("kind", "b")))))
WIDE = Space(tuple(Parameter(f"x{i}", "float", Between(0.0, 1.0)) for i in range(40)))


def all_of(grid: Grid, n_points: int) -> list[dict]:
    found = [dict(grid.ask().values) for _ in range(n_points)]
    with pytest.raises(ExhaustedError, match=f"{n_points} points, and all have been tried"):
        grid.ask()
    return found


@pytest.mark.parametrize("seed", range(4))
def test_each_point_is_visited_once_and_what_does_not_matter_makes_no_other(seed) -> None:
    found = all_of(Grid(SPACE, GridConfig(n_places=3), seed), 4)
    expected = [{"kind": "a"}, *({"kind": "b", "x": x} for x in (0.0, 0.5, 1.0))]
    assert sorted(map(str, found)) == sorted(map(str, expected))


def test_in_order_the_last_parameter_changes_first() -> None:
    found = all_of(Grid(SPACE, GridConfig(n_places=2, shuffled=False)), 3)
    assert found == [{"kind": "a"}, {"kind": "b", "x": 0.0}, {"kind": "b", "x": 1.0}]


def test_a_grid_of_more_points_than_can_be_counted_is_no_trouble() -> None:
    grid = Grid(WIDE, GridConfig())
    trials = [tuple(grid.ask().values.values()) for _ in range(50)]
    assert len(set(trials)) == 50
