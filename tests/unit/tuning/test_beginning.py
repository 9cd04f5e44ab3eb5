"""A search begins with what a config has now, and its searcher learns of it."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel

from coadapt.domain.errors import ExhaustedError
from coadapt.domain.ranges import Between, OneOf
from coadapt.plugins import load_plugin
from coadapt.testing.searchers import SWITCH, SearcherContract
from coadapt.tuning.beginning import BeginningWith, own_values
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.searchers.grid import Grid
from coadapt.tuning.searchers.random import Random
from coadapt.tuning.space import Space
from coadapt.tuning.space_reading import read_space
from coadapt.tuning.trials import Outcome


class Config(BaseModel):
    rate: Annotated[float, Between(1e-4, 1e-1, log=True)] = 3e-3
    width: Annotated[int, Between(16, 128, step=16)] = 64
    kind: Annotated[str, OneOf("a", "b")] = "b"


SPACE = read_space(Config, {}, {}).space


def test_a_config_has_its_own_values_exactly() -> None:
    assert own_values(Config(), SPACE) == {"rate": 3e-3, "width": 64, "kind": "b"}


@pytest.mark.parametrize("outside", [{"rate": 1.0}, {"width": 70}, {"kind": "c"}])
def test_values_outside_the_space_are_not_tried(outside) -> None:
    assert own_values(Config(**outside), SPACE) is None


class Conditional(BaseModel):
    kind: Annotated[str, OneOf("a", "b")] = "a"
    k1: Annotated[float, Between(2.0, 9.0, when=("kind", "b"))] = 1.2


def test_a_value_that_does_not_matter_may_lie_outside() -> None:
    space = read_space(Conditional, {}, {}).space
    assert own_values(Conditional(), space) == {"kind": "a"}
    assert own_values(Conditional(kind="b"), space) is None


class Numbers(BaseModel):
    share: float = 0.0
    n: int = 10


@pytest.mark.parametrize(
    ("choices", "own"), [({"share": [0, 0.1]}, {"share": 0.0}), ({"n": [10.0, 35.0]}, {"n": 10})]
)
def test_a_config_has_a_value_however_its_number_is_written(choices, own) -> None:
    assert own_values(Numbers(), read_space(Numbers, {}, choices).space) == own


class Noting(Random):
    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.told: list[Outcome] = []

    def tell(self, outcome) -> None:
        self.told.append(outcome)
        super().tell(outcome)


def test_the_first_trial_is_known_and_the_others_are_the_searchers() -> None:
    theirs = Noting(SPACE, Noting.Config(), 7)
    searcher = BeginningWith({"rate": 0.01, "width": 32, "kind": "a"}, theirs)
    alone = Random(SPACE, Random.Config(), 7)
    first, second = searcher.ask(), searcher.ask()
    assert (first.number, dict(first.values)) == (0, {"rate": 0.01, "width": 32, "kind": "a"})
    assert (second.number, second.values) == (1, alone.ask().values)
    searcher.tell(Outcome(second, 2.0))
    searcher.tell(Outcome(first, 1.0))
    assert [(each.trial.number, each.value) for each in theirs.told] == [(0, 2.0), (-1, 1.0)]


def test_a_grid_does_not_try_again_what_was_tried_first() -> None:
    square = Space((Parameter("x", "integer", Between(1, 3)),))
    searcher = BeginningWith({"x": 2}, Grid(square, Grid.Config()))
    tried = []
    for _ in range(3):
        trial = searcher.ask()
        searcher.tell(Outcome(trial, 1.0))
        tried.append(trial.values["x"])
    assert sorted(tried) == [1, 2, 3]


FOUR = Space((Parameter("x", "integer", Between(1, 4)),))


def beginning_with_two(seed: int = 0) -> BeginningWith:
    return BeginningWith({"x": 2}, Grid(FOUR, Grid.Config(), seed))


@pytest.mark.parametrize("seed", range(4))
def test_what_is_under_way_first_is_not_tried_a_second_time_beside_it(seed) -> None:
    searcher = beginning_with_two(seed)
    trials = [searcher.ask() for _ in range(4)]
    assert [trial.number for trial in trials] == [0, 1, 2, 3]
    assert sorted(trial.values["x"] for trial in trials) == [1, 2, 3, 4]
    with pytest.raises(ExhaustedError):
        searcher.ask()
    for trial in reversed(trials):
        searcher.tell(Outcome(trial, 1.0))
    with pytest.raises(ExhaustedError):
        searcher.ask()


def test_a_searcher_that_proposed_the_first_values_itself_learns_of_its_own_trial() -> None:
    theirs = Noting(SWITCH, Noting.Config(), 1)
    own = dict(Random(SWITCH, Random.Config(), 1).ask().values)
    searcher = BeginningWith(own, theirs)
    trials = [searcher.ask(), searcher.ask(), searcher.ask()]
    for trial in trials:
        searcher.tell(Outcome(trial, float(trial.number)))
    assert [trial.number for trial in trials] == [0, 1, 2]
    assert [(each.trial.number, each.value) for each in theirs.told] == [(0, 0), (1, 1), (2, 2)]
    assert [each.trial.values for each in theirs.told] == [trial.values for trial in trials]


@pytest.mark.parametrize("n_told", [0, 2])
def test_a_beginning_is_repeated_with_what_was_passed_over(n_told) -> None:
    asked, again = beginning_with_two(), beginning_with_two()
    trials = [asked.ask() for _ in range(3)]
    for trial in trials:
        again.repeat(trial)
    for trial in trials[:n_told]:
        asked.tell(Outcome(trial, 1.0))
        again.tell(Outcome(trial, 1.0))
    assert again.ask() == asked.ask()


class TestBeginning(SearcherContract):
    @pytest.fixture(params=["random", "tpe"])
    def make(self, request):
        plugin = load_plugin("tuning/searchers", request.param)

        def begin(space: Space, seed: int) -> BeginningWith:
            middle = space.values_at([0.5] * len(space))
            return BeginningWith(middle, plugin(space, plugin.Config(), seed))

        return begin
