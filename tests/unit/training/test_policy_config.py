"""A policy's config is read whole: its pipeline, its log, and what a slate earns."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import ConfigError
from coadapt.policies.epsilon_greedy import EpsilonGreedy
from coadapt.training.kinds import parse_any_config
from coadapt.training.policy_config import PolicyRunConfig

POLICY: dict[str, Any] = {
    "kind": "policy",
    "data": {"source": "log", "path": "sqlite:///log.db"},
    "pipeline": {"recommender": "run", "policy": {"name": "epsilon_greedy"}},
}


def config(**sections: Any) -> PolicyRunConfig:
    parsed = parse_any_config({**POLICY, **sections}, "p.toml")
    assert isinstance(parsed, PolicyRunConfig)
    return parsed


def test_the_policys_defaults_are_written_out() -> None:
    assert config().pipeline.policy.options == {"epsilon": 0.1}
    assert isinstance(config().make_policy(), EpsilonGreedy)


def test_what_is_written_reads_as_the_same() -> None:
    written = config(off_policy={"rewards": {"like": 2, "purchase": "value"}})
    assert parse_any_config(tomllib.loads(written.to_toml()), "again") == written


def test_a_slate_earns_its_clicks_unless_said_otherwise() -> None:
    assert config().off_policy.rewards == {"select_item": 1.0}
    assert config().off_policy.attribution_window_ms == 7 * DAY_MS


def test_before_the_test_as_much_is_asked_for_as_the_test_will_need() -> None:
    judging = config(off_policy={"min_effective": 9, "test_share": 0.25}).off_policy
    assert judging.support.effective == 9
    assert judging.support_before_test.effective == 27
    large = config(off_policy={"min_effective": 9, "test_share": 0.6}).off_policy
    assert large.support_before_test.effective == 9


@pytest.mark.parametrize(
    ("sections", "field"),
    [
        ({"data": {"source": "synthetic"}}, r"p\.toml: data\.source"),
        ({"pipeline": {}}, r"p\.toml: pipeline\.recommender"),
        ({"pipeline": {"recommender": "r", "policy": {"options": {"warm": 1}}}}, "warm"),
        ({"pipeline": {"recommender": "r", "project": "b"}}, r"p\.toml: pipeline\.project"),
        ({"off_policy": {"rewards": {"like": float("inf")}}}, r"off_policy\.rewards\.like"),
        ({"off_policy": {"rewards": {}}}, r"off_policy\.rewards"),
        ({"off_policy": {"rewards": {"like": "much"}}}, r"off_policy\.rewards\.like"),
        ({"off_policy": {"test_share": 1}}, r"off_policy\.test_share"),
        ({"off_policy": {"assumes": "much"}}, r"off_policy\.assumes"),
    ],
)
def test_what_is_wrong_is_named(sections: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError, match=field):
        config(**sections)
