"""Use the butterfly searcher in anybody's Optuna study: `create_study(sampler=MLBOASampler())`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.search_space import IntersectionSearchSpace
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState
from typing_extensions import override

from coadapt.data.batches import FloatArray
from coadapt.domain.errors import ConfigError
from coadapt.tuning._mlboa.config import MLBOAConfig
from coadapt.tuning._mlboa.cube import Observed
from coadapt.tuning._mlboa.foreseeing import Ended, Foresight
from coadapt.tuning._mlboa.proposer import Proposer
from coadapt.tuning.optuna_space import Distributions, OptunaSpace
from coadapt.tuning.searchers._mlboa_space import key_of, proposer_of, untried_values
from coadapt.tuning.space import Space

ENDED: Final = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class MLBOASampler(BaseSampler):
    """Propose by MLBOA what all complete trials have in common; the first trial is random.

    For studies with one objective. A pruned trial counts with what its reports promised, a failed
    one as bad.
    """

    def __init__(self, seed: int | None = None, config: MLBOAConfig | None = None) -> None:
        self._seed = int(np.random.SeedSequence(seed).generate_state(1)[0])
        self._config = config or MLBOAConfig()
        self._by_chance = RandomSampler(seed=self._seed)
        self._in_common = IntersectionSearchSpace()
        self._proposers: dict[str, Proposer] = {}
        self._foresights: dict[str, Foresight] = {}
        self._foreseen: dict[tuple[str, int], float] = {}

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
        if len(study.directions) > 1:
            raise ConfigError(
                f"MLBOA needs one objective, and this study has {len(study.directions)}"
            )
        common = OptunaSpace.of(search_space)
        past = [t for t in study.get_trials(deepcopy=False) if common.holds(t)]
        point = self._proposer(common.space).propose(self._observed(study, common, past))
        tried = {key_of(common.values_of(each)) for each in past}
        rng = np.random.default_rng([self._seed, trial.number])
        return common.theirs(untried_values(common.space, point, tried, rng))

    @override
    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        return self._by_chance.sample_independent(study, trial, param_name, param_distribution)

    def _proposer(self, space: Space) -> Proposer:
        """Return who proposes points of a space; it remembers what it learned of it."""
        key = repr(space)
        if key not in self._proposers:
            self._proposers[key] = proposer_of(space, self._config, self._seed)
        return self._proposers[key]

    def _observed(
        self, study: Study, common: OptunaSpace, trials: Sequence[FrozenTrial]
    ) -> Observed:
        """Return a study's trials of a space, lower values being better."""
        ended = [t for t in trials if t.state in ENDED]
        running = [t for t in trials if t.state == TrialState.RUNNING]
        pending = common.points(running) if running else None
        return Observed(common.points(ended), self._values(study, ended), None, pending)

    def _values(self, study: Study, trials: Sequence[FrozenTrial]) -> FloatArray:
        """Return ended trials' values, lower being better; each is foreseen when first seen."""
        sign = -1.0 if study.direction == StudyDirection.MAXIMIZE else 1.0
        name = study.study_name
        foresight = self._foresights.setdefault(name, Foresight())
        for trial in trials:
            if (name, trial.number) not in self._foreseen:
                self._foreseen[name, trial.number] = foresight.add(_ended(trial, sign))
        return np.array([self._foreseen[name, trial.number] for trial in trials])


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
