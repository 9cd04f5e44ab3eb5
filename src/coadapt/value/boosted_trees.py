"""Forecast by gradient boosting: who will spend, and the log of how much."""

from __future__ import annotations

from typing import Annotated, Any, Final

import numpy as np
from pydantic import Field
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits
from typing_extensions import override

from coadapt.data.batches import FloatArray, IntArray
from coadapt.data.stream import Stream
from coadapt.domain.errors import EmptyDataError
from coadapt.domain.ranges import Between
from coadapt.domain.resources import Resources
from coadapt.value._cutoffs import CutoffConfig
from coadapt.value._examples import Examples, gather_examples
from coadapt.value._features import features
from coadapt.value._ledger_model import Arrays, LedgerModel
from coadapt.value._quantiles import prior_of, with_prior, zero_inflated_log_normal
from coadapt.value._summary import Summary
from coadapt.value._trees import Trees
from coadapt.value.forecasts import Forecast

__all__ = ["BoostedTrees", "BoostedTreesConfig"]

N_FOLDS: Final = 3


class BoostedTreesConfig(CutoffConfig):
    """Hold the hyperparameters of both ensembles."""

    learning_rate: Annotated[float, Field(gt=0, le=1), Between(0.01, 0.3, log=True)] = 0.05
    max_iter: Annotated[int, Field(ge=1), Between(30, 400, log=True)] = 100
    max_leaf_nodes: Annotated[int, Field(ge=2), Between(4, 63, log=True)] = 15
    min_samples_leaf: Annotated[int, Field(ge=1), Between(5, 300, log=True)] = 50
    l2_regularization: Annotated[float, Field(ge=0), Between(1e-3, 100.0, log=True)] = 1.0


class BoostedTrees(LedgerModel[BoostedTreesConfig]):
    """Multiply a classifier of who spends by a log-normal around a regression of log amounts.

    Both are scikit-learn's HistGradientBoosting (Ke et al. 2017). The deviation of the log-normal
    is that of residuals on users whom the regression did not learn from.
    """

    Config = BoostedTreesConfig

    @override
    def fit(self, stream: Stream, resources: Resources, as_of: int) -> None:
        examples = gather_examples(stream, self.config, as_of)
        inputs = features(examples.summary, examples.cutoffs)
        spends = examples.spend > 0
        if not spends.any() or spends.all():
            raise EmptyDataError("either nobody or everybody spent after the past cut-offs")
        settings = self._settings(resources.seed)
        with threadpool_limits(resources.n_threads):
            classifier = HistGradientBoostingClassifier(**settings).fit(inputs, spends)
            buyers, logs = examples.where(spends), np.log(examples.spend[spends])
            regressor = HistGradientBoostingRegressor(**settings).fit(inputs[spends], logs)
            residuals = _residuals(buyers, inputs[spends], logs, settings)
        self._become(
            {
                **_named("classifier", Trees.of(classifier)),
                **_named("regressor", Trees.of(regressor)),
                "log_deviation": np.array([np.sqrt(np.mean(residuals**2))]),
                "prior": prior_of(examples.spend),
            }
        )

    def _settings(self, seed: int) -> dict[str, Any]:
        """Return scikit-learn's arguments."""
        settings = self.config.model_dump(include=set(BoostedTreesConfig.__annotations__))
        return {**settings, "random_state": seed, "early_stopping": False}

    @override
    def _forecast(self, summary: Summary, as_of: IntArray, horizon_days: int) -> Forecast:
        p_spend, log_mean = self._outputs(summary, as_of)
        log_deviation = np.full(len(summary), self._learned["log_deviation"][0])
        forecast = zero_inflated_log_normal(p_spend, log_mean, log_deviation)
        return with_prior(forecast, summary.n_events == 0, self._learned["prior"])

    @override
    def _coordinates(self, summary: Summary, as_of: IntArray) -> FloatArray:
        return np.column_stack((*self._outputs(summary, as_of), features(summary, as_of)))

    def _outputs(self, summary: Summary, as_of: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the probability of spending and the mean log of how much, shape (n,) each."""
        inputs = features(summary, as_of)
        classifier, regressor = (
            _trees(name, self._learned) for name in ("classifier", "regressor")
        )
        return expit(classifier.predict(inputs)), regressor.predict(inputs)


def _residuals(
    buyers: Examples, inputs: FloatArray, logs: FloatArray, settings: dict[str, Any]
) -> FloatArray:
    """Return what is left of each log amount by a regression on the other folds of users."""
    residuals = logs - logs.mean()
    for fold in range(N_FOLDS):
        is_held_out = buyers.users % N_FOLDS == fold
        if is_held_out.any() and not is_held_out.all():
            regressor = HistGradientBoostingRegressor(**settings)
            regressor.fit(inputs[~is_held_out], logs[~is_held_out])
            residuals[is_held_out] = logs[is_held_out] - regressor.predict(inputs[is_held_out])
    return residuals


def _named(prefix: str, trees: Trees) -> Arrays:
    """Return the arrays of trees under names of their own."""
    return {f"{prefix}.{name}": array for name, array in trees._asdict().items()}


def _trees(prefix: str, arrays: Arrays) -> Trees:
    """Return the trees whose arrays bear a prefix."""
    return Trees(**{name: arrays[f"{prefix}.{name}"] for name in Trees._fields})
