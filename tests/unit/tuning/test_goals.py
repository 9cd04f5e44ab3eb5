"""A goal knows whether more is better."""

from __future__ import annotations

import pytest

from coadapt.domain.errors import ConfigError
from coadapt.evaluation.exposure import EXPOSURE_METRICS
from coadapt.evaluation.forecast_intervals import FIGURES
from coadapt.evaluation.offline import known_metrics
from coadapt.tuning.goals import (
    HIGHER,
    HIGHER_AT_K,
    VALUE_HIGHER,
    VALUE_LOWER,
    policy_goal,
    ranking_goal,
    value_goal,
)


def test_more_of_a_ranking_metric_is_better_and_lower_is_a_loss() -> None:
    goal = ranking_goal("ndcg@10")
    assert (goal.family, goal.k) == ("ndcg", 10)
    assert goal.loss(0.3) == -0.3
    assert goal.figure(-0.3) == 0.3


def test_more_of_what_a_policy_earns_is_better() -> None:
    assert policy_goal("lift_low").loss(0.2) == -0.2
    with pytest.raises(ConfigError, match=r"tuning\.metric.*lift_low"):
        policy_goal("ndcg@10")


def test_less_of_an_error_is_better() -> None:
    assert value_goal("crps").loss(2.0) == 2.0
    assert value_goal("gini").loss(2.0) == -2.0


@pytest.mark.parametrize("name", ["ndcg", "ndcg@", "ndcg@0", "ndcg@x", "mrr@5", "gini@10", ""])
def test_what_cannot_be_tuned_for_is_refused_with_what_can(name) -> None:
    with pytest.raises(ConfigError, match=r"tuning\.metric.*ndcg@10.*mrr"):
        ranking_goal(name)


def test_the_metrics_named_exist_and_are_at_k_as_said() -> None:
    known = {m.name: m.is_at_k for m in known_metrics().values()}
    known |= {m.name: True for m in EXPOSURE_METRICS}
    assert all(known[name] for name in HIGHER_AT_K)
    assert not any(known[name] for name in HIGHER)
    assert set(VALUE_LOWER + VALUE_HIGHER) <= set(FIGURES)
