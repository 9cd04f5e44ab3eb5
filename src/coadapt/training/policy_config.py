"""Say which policy is judged by a log of slates, and what counts as good."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field
from typing_extensions import override

from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import ConfigError
from coadapt.evaluation.off_policy import Assumption, Support
from coadapt.policies.base import Policy
from coadapt.training.config import DataConfig, ResolvedSection, Section, make_component, parse_as
from coadapt.training.pipeline_config import PipelineConfig

Worth: TypeAlias = Annotated[float, Field(allow_inf_nan=False)] | Literal["value"]


def _a_click_is_one() -> dict[str, Worth]:
    """Return what a slate earns where nothing is said: its clicks."""
    return {"select_item": 1.0}


class OffPolicyConfig(Section):
    """Say what a slate earns and how a policy that did not choose it is judged by it.

    `rewards` gives what a behaviour on a shown item is worth, once each, or "value": the sum of the
    events' values. With `assumes = "cascade"` what a place earns depends on nothing below it, with
    "nothing" it may. Of the newest `max_slates` the newest `test_share` are the test.
    """

    rewards: Annotated[dict[str, Worth], Field(min_length=1)] = Field(
        default_factory=_a_click_is_one
    )
    attribution_days: Annotated[float, Field(gt=0, le=3_650)] = 7.0
    assumes: Assumption = "cascade"
    max_slates: Annotated[int, Field(ge=10)] = 50_000
    test_share: Annotated[float, Field(gt=0, lt=1)] = 0.3
    min_effective: Annotated[float, Field(ge=0)] = 100.0
    min_coverage: Annotated[float, Field(ge=0, le=1)] = 0.9
    min_people: Annotated[int, Field(ge=2)] = 30

    @property
    def attribution_window_ms(self) -> int:
        """Return how far back from a behaviour the slate may lie that it is due to."""
        return round(self.attribution_days * DAY_MS)

    @property
    def support(self) -> Support:
        """Return how much the test slates must know of what a policy would show."""
        return Support(self.min_effective, self.min_coverage, self.min_people)

    @property
    def support_before_test(self) -> Support:
        """Return how much the slates before them must, so that the test slates will do."""
        n_times = max((1 - self.test_share) / self.test_share, 1.0)
        return replace(self.support, effective=self.min_effective * n_times)


class PolicyRunConfig(ResolvedSection):
    """Say which policy to judge, in which pipeline, by the slates of which log.

    Policies here have nothing to learn but their options; `data.after` and `data.until` are the log
    positions between which slates count.
    """

    kind: Literal["policy"]
    data: DataConfig
    pipeline: PipelineConfig
    off_policy: OffPolicyConfig = OffPolicyConfig()

    @override
    def resolved(self) -> Self:
        """Return the same config with the policy's defaults written out. Raises ConfigError."""
        if self.data.source != "log":
            message = "data.source: a policy is judged by the slates in a log; say source = 'log'"
            raise ConfigError(message, field="data.source")
        if self.pipeline.project not in (None, self.data.project):
            message = "pipeline.project: a policy is judged by the project that it is to serve"
            raise ConfigError(message, field="pipeline.project")
        options = self.make_policy().config.model_dump(mode="json", exclude_none=True)
        choice = self.pipeline.policy.model_copy(update={"options": options})
        pipeline = self.pipeline.model_copy(update={"policy": choice})
        return self.model_copy(update={"pipeline": pipeline})

    def make_policy(self) -> Policy[Any]:
        """Construct the policy that this config names. Raises ConfigError, UnknownPluginError."""
        choice = self.pipeline.policy
        policy: Policy[Any] = make_component("policies", choice, "pipeline.policy.options")
        return policy


def parse_policy_config(document: dict[str, Any], place: str) -> PolicyRunConfig:
    """Validate a config whole, the policy's own options included. Raises ConfigError."""
    return parse_as(PolicyRunConfig, document, place)
