"""Say what serves together: a run, filters, a policy and a value model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from coadapt.domain.errors import ConfigError, RunError
from coadapt.policies.base import Policy
from coadapt.training.config import ComponentConfig, Section, make_component


class PolicyChoice(ComponentConfig):
    """Name a policy and its hyperparameters."""

    name: str = "plackett_luce"


class PipelineConfig(Section):
    """Name what serves together: a run that picks `candidates` items, filters, and a policy.

    `value` is the run that forecasts people's value, if any.
    """

    name: Annotated[str, Field(min_length=1, max_length=128)] = "default"
    project: str | None = None
    recommender: str
    candidates: Annotated[int, Field(ge=1, le=10_000)] = 200
    filters: tuple[Literal["not_seen", "available"], ...] = ("not_seen", "available")
    policy: PolicyChoice = PolicyChoice()
    value: str | None = None


def parse_pipeline(document: Mapping[str, Any], reference: str) -> PipelineConfig:
    """Validate a pipeline's description. Raises RunError naming the key."""
    try:
        return PipelineConfig.model_validate(document)
    except ValidationError as error:
        key = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        raise RunError(f"pipeline {reference}: {key} is wrong or unknown", field=key) from None


def make_policy(choice: PolicyChoice) -> Policy[Any]:
    """Construct a policy. Raises RunError, UnknownPluginError."""
    try:
        policy: Policy[Any] = make_component("policies", choice, "options")
    except ConfigError as error:
        message = f"policy {choice.name}: option {error.field} is wrong or unknown"
        raise RunError(message) from None
    return policy
