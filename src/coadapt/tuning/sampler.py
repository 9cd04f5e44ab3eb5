"""Use the butterfly searcher in anybody's Optuna study: `create_study(sampler=MLBOASampler())`."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from threading import Lock
from typing import Any, Final, TypeAlias

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState
from typing_extensions import override

from coadapt.domain.errors import ConfigError
from coadapt.tuning._mlboa.config import MLBOAConfig
from coadapt.tuning._mlboa.cube import DimKind, Observed
from coadapt.tuning._mlboa.foreseeing import Ended, Foresight
from coadapt.tuning._mlboa.proposer import Proposer
from coadapt.tuning.optuna_conditions import spaces_of
from coadapt.tuning.optuna_space import Distributions, Drawn, OptunaSpace, search_space_of
from coadapt.tuning.searchers._mlboa_space import key_of, kinds_of, untried_values

ENDED: Final = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)

TrialKey: TypeAlias = tuple[str, int]
"""The name of a study, and the number of one of its trials."""


class MLBOASampler(BaseSampler):
    """Propose by MLBOA what complete trials drew; what none has drawn yet is left to chance.

    For studies with one objective. A pruned trial counts with what its reports promised, a failed
    one as bad, and one that a user enqueued out of bounds not at all. Which parameter occurs at
    which choice or integer of another it reads from complete trials; those whose occurrence nothing
    explains it searches apart, by what occurs together. Where one name has had several ranges, it
    is left to chance.

    Threads may share a sampler: each proposal counts from when it is made. Other processes see it
    only when it is stored: give each of them its own seed, or none.
    """

    def __init__(self, seed: int | None = None, config: MLBOAConfig | None = None) -> None:
        self._seed = _seed_from(seed)
        self._config = config or MLBOAConfig()
        self._by_chance = RandomSampler(seed=self._seed)
        self._proposers: dict[str, Proposer] = {}
        self._foresights: dict[str, Foresight] = {}
        self._foreseen: dict[TrialKey, float] = {}
        self._proposed: dict[TrialKey, Drawn] = {}
        self._reseeded_in: int | None = None
        self._lock = Lock()

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            state = self.__dict__ | {"_reseeded_in": None}
        del state["_lock"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = Lock()

    @override
    def reseed_rng(self) -> None:
        """Draw another seed, so that copies of a sampler propose different points.

        Optuna calls it before each trial of `n_jobs`. After the first call in a process only chance
        is seeded again: threads know of each other, and with a new seed all is to learn anew.
        """
        self._by_chance.reseed_rng()
        with self._lock:
            if self._reseeded_in != os.getpid():
                self._reseeded_in = os.getpid()
                self._seed = _seed_from(None)
                self._proposers.clear()

    @override
    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        _check_objective(study)

    @override
    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Distributions:
        # Samplers that wrap this one need not call `before_trial`.
        _check_objective(study)
        return search_space_of(_whole(study.get_trials(deepcopy=False)))

    @override
    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: Distributions
    ) -> dict[str, Any]:
        if not search_space:
            return {}
        with self._lock:
            trials = study.get_trials(deepcopy=False)
            self._foresee(study, trials)
            others = [
                (each, self._drawn(study, each)) for each in trials if each.number != trial.number
            ]
            params: dict[str, Any] = {}
            for space in spaces_of(search_space, _whole(trials)):
                params |= self._proposal(study, trial, space, others)
            of_params = {name: search_space[name] for name in params}
            self._proposed[study.study_name, trial.number] = Drawn(params, of_params)
        return params

    @override
    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        return self._by_chance.sample_independent(study, trial, param_name, param_distribution)

    def _proposal(
        self,
        study: Study,
        trial: FrozenTrial,
        space: OptunaSpace,
        others: Sequence[tuple[FrozenTrial, Drawn]],
    ) -> dict[str, Any]:
        """Return a trial's values of a space, given the other trials and what they drew."""
        found = [(each, space.values_of(drawn)) for each, drawn in others]
        past = [(each, values) for each, values in found if values is not None]
        ended = [(each, values) for each, values in past if each.state in ENDED]
        running = [values for each, values in past if each.state not in ENDED]
        foreseen = [self._foreseen[study.study_name, each.number] for each, _ in ended]
        observed = Observed(
            space.points([values for _, values in ended]),
            np.array(foreseen),
            pending=space.points(running) if running else None,
        )
        point = self._proposer(space).propose(observed)
        tried = {key_of(values) for _, values in past}
        rng = np.random.default_rng([self._seed, trial.number])
        return space.theirs(untried_values(space, point, tried, rng))

    def _proposer(self, space: OptunaSpace) -> Proposer:
        """Return who proposes points of a space; it remembers what it learned of it."""
        key = repr(space)
        if key not in self._proposers:
            rng = np.random.default_rng(self._seed)
            self._proposers[key] = Proposer(_kinds(space), self._config, rng)
        return self._proposers[key]

    def _drawn(self, study: Study, trial: FrozenTrial) -> Drawn:
        """Return what a trial drew, and will draw as far as it was proposed here."""
        key = study.study_name, trial.number
        if trial.state == TrialState.COMPLETE:
            self._proposed.pop(key, None)
        params, distributions = self._proposed.get(key, ({}, {}))
        return Drawn({**params, **trial.params}, {**distributions, **trial.distributions})

    def _foresee(self, study: Study, trials: Sequence[FrozenTrial]) -> None:
        """Foresee the value, lower being better, of each ended trial that is seen first."""
        sign = -1.0 if study.direction == StudyDirection.MAXIMIZE else 1.0
        name = study.study_name
        foresight = self._foresights.setdefault(name, Foresight())
        for trial in trials:
            if trial.state in ENDED and (name, trial.number) not in self._foreseen:
                self._foreseen[name, trial.number] = foresight.add(_ended(trial, sign))


def _seed_from(seed: int | None) -> int:
    """Return a seed of one number, from chance where none is given."""
    return int(np.random.SeedSequence(seed).generate_state(1)[0])


def _check_objective(study: Study) -> None:
    """Refuse a study with several objectives."""
    if len(study.directions) > 1:
        raise ConfigError(f"MLBOA needs one objective, and this study has {len(study.directions)}")


def _whole(trials: Sequence[FrozenTrial]) -> list[Drawn]:
    """Return what complete trials drew."""
    whole = [each for each in trials if each.state == TrialState.COMPLETE]
    return [Drawn(each.params, each.distributions) for each in whole]


def _kinds(space: OptunaSpace) -> list[DimKind]:
    """Return what a space's coordinates stand for, and when they count."""
    kinds = dict(zip(space.space.names, kinds_of(space.space), strict=True))
    places = {name: place for place, name in enumerate(kinds)}
    for name, (parent, levels) in space.conditions.items():
        kinds[name] = kinds[name]._replace(parent=places[parent], active_levels=levels)
    return list(kinds.values())


def _ended(trial: FrozenTrial, sign: float) -> Ended:
    """Return a trial as it went, lower values being better."""
    curve = {step: sign * value for step, value in trial.intermediate_values.items()}
    return Ended(sign * _value(trial), curve, trial.state == TrialState.PRUNED)


def _value(trial: FrozenTrial) -> float:
    """Return a trial's value, NaN where it has none."""
    if trial.state == TrialState.COMPLETE and trial.value is not None:
        return trial.value
    reports = trial.intermediate_values
    return reports[max(reports)] if trial.state == TrialState.PRUNED and reports else math.nan
