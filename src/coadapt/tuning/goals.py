"""Name what is tuned for, and whether more of it is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from coadapt.domain.errors import ConfigError

HIGHER_AT_K: Final = ("ndcg", "hr", "recall", "precision", "f1", "map", "coverage")
HIGHER: Final = ("mrr", "auc")
VALUE_LOWER: Final = ("crps", "mae", "rmse", "decile_mape")
VALUE_HIGHER: Final = ("spearman", "gini")
POLICY_HIGHER: Final = ("lift_low", "lift", "reward")


@dataclass(frozen=True, slots=True)
class Goal:
    """Hold a metric: its full name, such as "ndcg@10", its family, its k, and its sense."""

    metric: str
    family: str
    k: int | None
    is_higher_better: bool

    @property
    def sense(self) -> str:
        """Say which figures are the better ones."""
        return "higher is better" if self.is_higher_better else "lower is better"

    def loss(self, figure: float) -> float:
        """Return a figure so that lower is better."""
        return -figure if self.is_higher_better else figure

    def figure(self, loss: float) -> float:
        """Return the metric's figure that a loss stands for."""
        return self.loss(loss)


def ranking_goal(metric: str) -> Goal:
    """Return the goal of a metric of rankings. Raises ConfigError."""
    family, _, k = metric.partition("@")
    if family in HIGHER and not k:
        return Goal(metric, family, None, is_higher_better=True)
    if family in HIGHER_AT_K and k.isdecimal() and int(k) >= 1:
        return Goal(f"{family}@{int(k)}", family, int(k), is_higher_better=True)
    raise _unknown([f"{name}@10" for name in HIGHER_AT_K] + list(HIGHER))


def value_goal(metric: str) -> Goal:
    """Return the goal of a metric of forecasts. Raises ConfigError."""
    if metric in (*VALUE_LOWER, *VALUE_HIGHER):
        return Goal(metric, metric, None, is_higher_better=metric in VALUE_HIGHER)
    raise _unknown([*VALUE_LOWER, *VALUE_HIGHER])


def policy_goal(metric: str) -> Goal:
    """Return the goal of an off-policy estimate. Raises ConfigError.

    `lift_low` is the lower end of the interval of what a slate earns above what the log's did.
    """
    if metric in POLICY_HIGHER:
        return Goal(metric, metric, None, is_higher_better=True)
    raise _unknown([*POLICY_HIGHER])


def _unknown(names: list[str]) -> ConfigError:
    """Return an error that says what there is."""
    message = f"tuning.metric: nothing to tune for by that name; there are: {', '.join(names)}"
    return ConfigError(message, field="tuning.metric")
