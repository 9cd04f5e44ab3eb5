"""Let one of Optuna's samplers propose: what the searchers that use it share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final, cast

import optuna
from optuna.trial import TrialState
from typing_extensions import override

from coadapt.domain.ranges import Choice, OneOf
from coadapt.tuning.base import ConfigT, Searcher
from coadapt.tuning.optuna_space import distribution_of
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.space import Space, matters
from coadapt.tuning.trials import Outcome, Trial

KNOW_PRUNED: Final = (optuna.samplers.TPESampler,)
"""Samplers that learn from pruned trials: they rank them behind whole ones, by how far they came.

To the others a pruned trial was never made, and they would come back to where it was: a trial that
was stopped early counts to them with the value that it had by then.
"""


class OptunaSearcher(Searcher[ConfigT]):
    """Keep an Optuna study in memory and its trials beside ours, curves included."""

    def __init__(self, space: Space, config: ConfigT, seed: int = 0) -> None:
        super().__init__(space, config, seed)
        # It logs every trial by itself; the study's own journal and bar say as much.
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._study = optuna.create_study(sampler=self._sampler(), direction="minimize")
        self._distributions = {each.name: distribution_of(each) for each in space.parameters}
        self._asked: dict[int, tuple[Trial, optuna.Trial]] = {}
        self._n_asked = 0

    @abstractmethod
    def _sampler(self) -> optuna.samplers.BaseSampler:
        """Make the sampler from `config` and `seed`."""

    @override
    def ask(self) -> Trial:
        theirs = self._study.ask()
        values: dict[str, Choice] = {}
        for parameter in self.space.parameters:
            if matters(parameter, values):
                values[parameter.name] = self._suggest(theirs, parameter)
        ours = Trial(self._n_asked, values)
        self._asked[ours.number] = (ours, theirs)
        self._n_asked += 1
        return ours

    @override
    def tell(self, outcome: Outcome) -> None:
        ours, theirs = self._asked.pop(outcome.trial.number, (None, None))
        is_ours = ours == outcome.trial
        if theirs is not None:
            self._end(theirs, outcome if is_ours else None)
        if not is_ours and outcome.value is not None:
            self._add(outcome)

    def _end(self, theirs: optuna.Trial, outcome: Outcome | None) -> None:
        """End the sampler's trial; without an outcome it failed."""
        if outcome is None:
            self._study.tell(theirs, state=TrialState.FAIL)
            return
        for step, reported in outcome.curve.items():
            theirs.report(reported, step)
        state = self._state(outcome)
        # Of a pruned trial Optuna takes the last report for the value.
        value = outcome.value if state == TrialState.COMPLETE else None
        self._study.tell(theirs, value, state)

    def _add(self, outcome: Outcome) -> None:
        """Let the sampler know of a trial that it did not propose."""
        values, curve = dict(outcome.trial.values), dict(outcome.curve)
        state = self._state(outcome)
        known = optuna.trial.create_trial(
            state=state,
            value=outcome.value if state == TrialState.COMPLETE else curve[max(curve)],
            params=values,
            distributions={name: self._distributions[name] for name in values},
            intermediate_values=curve,
        )
        self._study.add_trial(known)

    def _state(self, outcome: Outcome) -> TrialState:
        """Return in which of Optuna's states a trial ended."""
        if outcome.value is None:
            return TrialState.FAIL
        is_known = isinstance(self._study.sampler, KNOW_PRUNED)
        is_pruned = outcome.is_stopped and bool(outcome.curve) and is_known
        return TrialState.PRUNED if is_pruned else TrialState.COMPLETE

    def _suggest(self, theirs: optuna.Trial, parameter: Parameter) -> Choice:
        """Return the sampler's value of a parameter."""
        bounds = parameter.range
        if isinstance(bounds, OneOf):
            return cast(Choice, theirs.suggest_categorical(parameter.name, bounds.choices))
        if parameter.kind == "integer":
            step = int(bounds.step or 1)
            low, high = int(bounds.low), int(bounds.high)
            return theirs.suggest_int(parameter.name, low, high, step=step, log=bounds.log)
        value = theirs.suggest_float(
            parameter.name, bounds.low, bounds.high, step=bounds.step, log=bounds.log
        )
        # On a lattice it may be off by an error of rounding.
        return value if bounds.step is None else parameter.from_unit(parameter.to_unit(value))
