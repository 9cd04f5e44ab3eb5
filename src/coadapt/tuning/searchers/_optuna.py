"""Let one of Optuna's samplers propose: what the searchers that use it share."""

from __future__ import annotations

from abc import abstractmethod
from typing import cast

import optuna
from optuna.trial import TrialState
from typing_extensions import override

from coadapt.domain.ranges import Choice, OneOf
from coadapt.tuning.base import ConfigT, Searcher
from coadapt.tuning.optuna_space import distribution_of
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.space import Space, matters
from coadapt.tuning.trials import Outcome, Trial


class OptunaSearcher(Searcher[ConfigT]):
    """Keep an Optuna study in memory and its trials beside ours."""

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
            has_value = is_ours and outcome.value is not None
            state = TrialState.COMPLETE if has_value else TrialState.FAIL
            self._study.tell(theirs, outcome.value if has_value else None, state)
        if not is_ours and outcome.value is not None:
            self._add(outcome)

    def _add(self, outcome: Outcome) -> None:
        """Let the sampler know of a trial that it did not propose."""
        values = dict(outcome.trial.values)
        of_trial = {name: self._distributions[name] for name in values}
        known = optuna.trial.create_trial(
            value=outcome.value, params=values, distributions=of_trial
        )
        self._study.add_trial(known)

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
