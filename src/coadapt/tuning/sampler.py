"""Use the butterfly searcher in anybody's Optuna study: `create_study(sampler=MLBOASampler())`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, RandomSampler
from optuna.search_space import IntersectionSearchSpace
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState
from typing_extensions import override

from coadapt.data.batches import FloatArray
from coadapt.domain.errors import ConfigError
from coadapt.domain.ranges import Between, OneOf
from coadapt.tuning._mlboa.config import MlboaConfig
from coadapt.tuning._mlboa.cube import Observed
from coadapt.tuning._mlboa.searcher import Mlboa
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.searchers._mlboa_space import kinds_of
from coadapt.tuning.space import Space

ENDED: Final = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)

Distributions = dict[str, BaseDistribution]


class MLBOASampler(BaseSampler):
    """Propose by MLBOA what all finished trials have in common; the first trial is random.

    For studies with one objective. A pruned trial counts with its last report, a failed one as bad.
    """

    def __init__(self, seed: int | None = None, config: MlboaConfig | None = None) -> None:
        self._seed = int(np.random.SeedSequence(seed).generate_state(1)[0])
        self._config = config or MlboaConfig()
        self._by_chance = RandomSampler(seed=self._seed)
        self._in_common = IntersectionSearchSpace()
        self._hearts: dict[str, Mlboa] = {}

    @override
    def reseed_rng(self) -> None:
        self._by_chance.reseed_rng()

    @override
    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Distributions:
        found = self._in_common.calculate(study)
        return {name: each for name, each in found.items() if not each.single()}

    @override
    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: Distributions
    ) -> dict[str, Any]:
        if not search_space:
            return {}
        space = Space(tuple(_parameter(*named) for named in search_space.items()))
        point = self._heart(space).propose(_observed(study, space, search_space))
        values = space.values_at(point.tolist())
        return {name: _theirs(search_space[name], value) for name, value in values.items()}

    @override
    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        return self._by_chance.sample_independent(study, trial, param_name, param_distribution)

    def _heart(self, space: Space) -> Mlboa:
        """Return the searcher of a space; it remembers what it learned of it."""
        key = repr(space)
        if key not in self._hearts:
            rng = np.random.default_rng(self._seed)
            self._hearts[key] = Mlboa(kinds_of(space), self._config, rng)
        return self._hearts[key]


def _observed(
    study: Study, space: Space, distributions: Mapping[str, BaseDistribution]
) -> Observed:
    """Return a study's trials of a space, lower values being better."""
    if len(study.directions) > 1:
        raise ConfigError(f"MLBOA needs one objective, and this study has {len(study.directions)}")
    trials = [
        t for t in study.get_trials(deepcopy=False) if distributions.keys() <= t.params.keys()
    ]
    ended = [t for t in trials if t.state in ENDED]
    running = [t for t in trials if t.state == TrialState.RUNNING]
    sign = -1.0 if study.direction == StudyDirection.MAXIMIZE else 1.0
    values = np.array([sign * _value(trial) for trial in ended])
    pending = _points(running, space, distributions) if running else None
    return Observed(_points(ended, space, distributions), values, None, pending)


def _points(
    trials: Sequence[FrozenTrial], space: Space, distributions: Mapping[str, BaseDistribution]
) -> FloatArray:
    """Return where trials lie in the unit cube, shape (n, d)."""
    points = [
        space.point_of({name: _ours(distributions[name], t.params[name]) for name in space.names})
        for t in trials
    ]
    return np.array(points).reshape(len(trials), len(space))


def _value(trial: FrozenTrial) -> float:
    """Return a trial's value, NaN where it has none."""
    if trial.state == TrialState.COMPLETE and trial.value is not None:
        return trial.value
    reports = trial.intermediate_values
    return reports[max(reports)] if trial.state == TrialState.PRUNED and reports else math.nan


def _parameter(name: str, distribution: BaseDistribution) -> Parameter:
    """Return a distribution as a parameter; choices are known by their number."""
    if isinstance(distribution, CategoricalDistribution):
        return Parameter(name, "categorical", OneOf(*range(len(distribution.choices))))
    if isinstance(distribution, IntDistribution):
        step = None if distribution.log else float(distribution.step)
        bounds = Between(distribution.low, distribution.high, log=distribution.log, step=step)
        return Parameter(name, "integer", bounds)
    assert isinstance(distribution, FloatDistribution)
    low, high = distribution.low, distribution.high
    return Parameter(
        name, "float", Between(low, high, log=distribution.log, step=distribution.step)
    )


def _ours(distribution: BaseDistribution, value: Any) -> Any:
    """Return a value as our parameter holds it."""
    if isinstance(distribution, CategoricalDistribution):
        return int(distribution.to_internal_repr(value))
    return value


def _theirs(distribution: BaseDistribution, value: Any) -> Any:
    """Return our parameter's value as Optuna's user knows it."""
    if isinstance(distribution, CategoricalDistribution):
        return distribution.to_external_repr(float(value))
    return value
