"""Check that a searcher keeps the contract of `coadapt.tuning.base`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest

from coadapt.domain.errors import ExhaustedError
from coadapt.domain.ranges import Between, OneOf
from coadapt.tuning.base import Searcher
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.space import Space, matters
from coadapt.tuning.trials import Outcome, Trial, outcome_of

MakeSearcher = Callable[[Space, int], Searcher[Any]]

N_TRIALS = 14

SPACE = Space(
    (
        Parameter("rate", "float", Between(1e-4, 1e-1, log=True)),
        Parameter("share", "float", Between(0.0, 0.6, step=0.1)),
        Parameter("width", "integer", Between(8, 256, log=True)),
        Parameter("depth", "integer", Between(1, 4)),
        Parameter("kind", "categorical", OneOf("plain", "cut", "deep")),
        Parameter("cut", "float", Between(-1.0, 1.0, when=("kind", "cut"))),
    )
)
"""Every sort of parameter there is."""

LINE = Space((Parameter("x", "float", Between(0.0, 1.0)),))
SWITCH = Space((Parameter("is_on", "categorical", OneOf(True, False)),))


class SearcherContract:
    """Subclass this and override the fixture `make` with a way to make your searcher."""

    @pytest.fixture
    def make(self) -> MakeSearcher:
        """Return a function that makes the searcher to check for a space and a seed."""
        raise NotImplementedError("override the fixture `make` with one of yours")

    def test_every_value_is_one_of_its_range(self, make: MakeSearcher) -> None:
        """Proposals lie in the space, and hold no parameter that does not matter."""
        for trial in followed(make(SPACE, 0), loss):
            assert is_in(SPACE, trial)

    def test_numbers_count_from_zero(self, make: MakeSearcher) -> None:
        """A trial's number is its place in the order of asking."""
        numbers = [trial.number for trial in followed(make(SPACE, 0), loss)]
        assert numbers == list(range(N_TRIALS))

    def test_the_same_seed_and_history_give_the_same_trials(self, make: MakeSearcher) -> None:
        """A study is taken up again by repeating its calls."""
        assert followed(make(SPACE, 3), loss) == followed(make(SPACE, 3), loss)

    def test_another_seed_gives_other_trials(self, make: MakeSearcher) -> None:
        """Chance comes from the seed."""
        assert followed(make(SPACE, 1), loss) != followed(make(SPACE, 2), loss)

    def test_trials_may_be_under_way_together_and_end_in_any_order(
        self, make: MakeSearcher
    ) -> None:
        """Parallel trials are told as they end."""
        searcher = make(SPACE, 0)
        together = [[searcher.ask() for _ in range(4)] for _ in range(4)]
        for trial in reversed([trial for group in together for trial in group]):
            searcher.tell(Outcome(trial, loss(trial), 1.0))
        assert is_in(SPACE, searcher.ask())

    def test_a_searcher_survives_an_objective_that_always_fails(self, make: MakeSearcher) -> None:
        """Trials that teach nothing but that they failed are no error."""
        trials = followed(make(SPACE, 0), lambda _: None)
        assert all(is_in(SPACE, trial) for trial in trials)

    def test_a_searcher_goes_on_after_some_failures(self, make: MakeSearcher) -> None:
        """Two of three trials fail."""
        trials = followed(make(SPACE, 0), lambda t: None if t.number % 3 else loss(t))
        assert len(trials) == N_TRIALS

    def test_equal_values_are_no_error(self, make: MakeSearcher) -> None:
        """An objective that nothing changes teaches nothing and breaks nothing."""
        assert len(followed(make(SPACE, 0), lambda _: 1.0)) == N_TRIALS

    @pytest.mark.parametrize("size", [1e-12, 1e12])
    def test_values_of_any_size_are_no_error(self, make: MakeSearcher, size: float) -> None:
        """Only the order and the proportions of values matter."""
        assert len(followed(make(SPACE, 0), lambda trial: size * loss(trial))) == N_TRIALS

    def test_a_trial_that_was_never_asked_may_be_told(self, make: MakeSearcher) -> None:
        """What another study or another version tried is knowledge too."""
        searcher = make(SPACE, 0)
        foreign = Trial(7, {"rate": 1e-2, "share": 0.1, "width": 64, "depth": 2, "kind": "deep"})
        searcher.tell(Outcome(foreign, 0.5, 2.0))
        assert is_in(SPACE, searcher.ask())

    def test_a_searcher_goes_on_after_trials_that_were_stopped_early(
        self, make: MakeSearcher
    ) -> None:
        """Every third trial ends after two of its three steps."""
        searcher = make(SPACE, 0)
        for _ in range(N_TRIALS):
            trial = searcher.ask()
            curve = {step: loss(trial) + 1 / step for step in (1, 2, 3)}
            is_stopped = trial.number % 3 == 1
            if is_stopped:
                del curve[3]
            outcome = Outcome(trial, min(curve.values()), 1.0, is_stopped=is_stopped, curve=curve)
            searcher.tell(outcome)
            assert is_in(SPACE, trial)

    def test_a_space_of_two_points_is_searched_without_an_error(self, make: MakeSearcher) -> None:
        """A searcher repeats itself or says that it has proposed everything."""
        searcher = make(SWITCH, 0)
        with suppress(ExhaustedError):
            assert all(is_in(SWITCH, trial) for trial in followed(searcher, lambda _: 1.0))

    def test_twenty_trials_come_near_the_best_point_of_a_line(self, make: MakeSearcher) -> None:
        """On a bowl in one dimension anything that searches comes near."""
        searcher, values = make(LINE, 0), []
        for _ in range(20):
            with suppress(ExhaustedError):
                trial = searcher.ask()
                values.append((float(trial.values["x"]) - 0.7) ** 2)
                searcher.tell(Outcome(trial, values[-1], 1.0))
        assert min(values) < 0.01


def loss(trial: Trial) -> float:
    """Return a bowl around rate = 0.01, width = 64, a little lower for `cut`."""
    off = (math.log10(float(trial.values["rate"])) + 2) ** 2
    off += (math.log2(float(trial.values["width"])) - 6) ** 2 / 4
    return off - (0.5 if trial.values["kind"] == "cut" else 0.0)


def followed(
    searcher: Searcher[Any], objective: Callable[[Trial], float | None], n_trials: int = N_TRIALS
) -> Sequence[Trial]:
    """Return the trials of a study without parallel ones."""
    trials = []
    for _ in range(n_trials):
        trials.append(searcher.ask())
        searcher.tell(outcome_of(trials[-1], objective(trials[-1]), 1.0))
    return trials


def is_in(space: Space, trial: Trial) -> bool:
    """Tell whether a trial holds a possible value of each parameter that matters, and no others."""
    used: dict[str, Any] = {}
    for parameter in space.parameters:
        if matters(parameter, used):
            used[parameter.name] = trial.values[parameter.name]
            place = parameter.to_unit(used[parameter.name])
            assert parameter.n_values is None or parameter.from_unit(place) == used[parameter.name]
    return used == dict(trial.values)
