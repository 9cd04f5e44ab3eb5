"""Hold what is tuned: a config, its search space, and the metric that trials are judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from coadapt.domain.errors import ConfigError
from coadapt.domain.ranges import Choice
from coadapt.plugins import load_plugin, plugin_modules
from coadapt.training.config import ComponentConfig, RunConfig, config_error, read_toml
from coadapt.training.kinds import AnyConfig, parse_any_config
from coadapt.training.policy_config import PolicyRunConfig
from coadapt.tuning.beginning import outside, own_values
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.goals import Goal, policy_goal, ranking_goal, value_goal
from coadapt.tuning.space_reading import Plan, read_space


@dataclass(frozen=True)
class Subject:
    """Hold a config whose fixed values are written in, where it searches, and for what."""

    config: AnyConfig
    plan: Plan
    goal: Goal

    @property
    def name(self) -> str:
        """Return the name of the method."""
        return _component(self.config).name

    @property
    def modules(self) -> list[str]:
        """Return what a trial imports only once it trains.

        Beside a model it is a part of PyTorch that its optimizers need at their first step, and
        that takes a second to import.
        """
        method = plugin_modules(_kind(self.config))[self.name]
        is_policy = isinstance(self.config, PolicyRunConfig)
        return [method] if is_policy else [method, "torch._dynamo"]

    @property
    def own_values(self) -> dict[str, Choice] | None:
        """Return what the config has of the space now, None where that lies outside of it."""
        return own_values(self._options(), self.plan.space)

    @property
    def outside(self) -> list[str]:
        """Return the names of what the config has that the space does not."""
        return outside(self._options(), self.plan.space)

    def is_watched(self, n_folds: int) -> bool:
        """Tell whether a trial's own validation is of what it is judged by, and may stop it."""
        is_recommender = isinstance(self.config, RunConfig)
        return is_recommender and n_folds == 1 and self.goal.family == "ndcg"

    def with_values(self, values: Mapping[str, Any]) -> AnyConfig:
        """Return the config of a trial. Raises ConfigError for values that do not go together."""
        return _with_options(self.config, values)

    def with_data(self, path: str) -> Subject:
        """Return the same of data at another place."""
        return self._with_data(path=path)

    @property
    def is_of_growing_log(self) -> bool:
        """Tell whether the data are a log to which nothing gives an end."""
        return self.config.data.source == "log" and self.config.data.until is None

    def with_until(self, position: int) -> Subject:
        """Return the same of a log that counts up to a position."""
        return self._with_data(until=position)

    def check_pinned(self, last_position: int | None) -> None:
        """Refuse a log that grows while trials run: later ones would be judged by other events."""
        if last_position is not None and self.config.data.until is None:
            message = (
                "data.until: a log grows while trials run; say up to which position they read it "
                f"(the newest now is {last_position})"
            )
            raise ConfigError(message, field="data.until")

    def _options(self) -> BaseModel:
        """Return the options that are tuned, as the config has them now."""
        return _config_class(self.config)(**_component(self.config).options)

    def _with_data(self, **changes: Any) -> Subject:
        """Return the same with some keys of its data replaced."""
        data = self.config.data.model_copy(update=changes)
        return replace(self, config=self.config.model_copy(update={"data": data}))


def read_tuning(path: Path, given: Mapping[str, Any]) -> tuple[dict[str, Any], TuningConfig]:
    """Return a file's document, and its `[tuning]` table with what the command line replaces.

    Another searcher does not have the options of the one in the file, and starts with its defaults.
    Raises ConfigError naming file and key.
    """
    document = read_toml(path)
    table = document.get("tuning", {})
    try:
        written = TuningConfig.model_validate(table)
        kept = written.model_dump(exclude_unset=True)
        if given.get("searcher", written.searcher) != written.searcher:
            kept.pop("options", None)
        tables = {
            name: {**kept[name], **each}
            for name, each in given.items()
            if isinstance(each, Mapping) and isinstance(kept.get(name), dict)
        }
        return document, TuningConfig.model_validate({**kept, **given, **tables})
    except ValidationError as error:
        raise config_error(error, f"{path}: tuning") from error


def read_subject(document: Mapping[str, Any], tuning: TuningConfig, place: str) -> Subject:
    """Return what a document tunes. Raises ConfigError naming file and key."""
    config = parse_any_config(dict(document), place)
    component = _component(config)
    try:
        plan = read_space(_config_class(config), component.options, tuning.space)
        goal = _goal(config, tuning)
        _check_folds(config, tuning)
    except ConfigError as error:
        raise ConfigError(f"{place}: {error.message}", field=error.field) from error
    return Subject(_with_options(config, plan.fixed), plan, goal)


def _goal(config: AnyConfig, tuning: TuningConfig) -> Goal:
    """Return the metric asked for, or the one that is the kind's own."""
    if isinstance(config, RunConfig):
        return ranking_goal(tuning.metric or f"ndcg@{config.training.validation_k}")
    if isinstance(config, PolicyRunConfig):
        return policy_goal(tuning.metric or "lift_low")
    return value_goal(tuning.metric or "crps")


def _check_folds(config: AnyConfig, tuning: TuningConfig) -> None:
    """Refuse folds of slates: people and what they were shown hang together over time."""
    if isinstance(config, PolicyRunConfig) and tuning.folds > 1:
        message = "tuning.folds: a policy is judged by one stretch of slates; leave it out"
        raise ConfigError(message, field="tuning.folds")


def _component(config: AnyConfig) -> ComponentConfig:
    """Return the section whose options are tuned."""
    if isinstance(config, RunConfig):
        return config.recommender
    return config.pipeline.policy if isinstance(config, PolicyRunConfig) else config.value


def _config_class(config: AnyConfig) -> type[BaseModel]:
    """Return the class of the options that are tuned."""
    config_class: type[BaseModel] = load_plugin(_kind(config), _component(config).name).Config
    return config_class


def _kind(config: AnyConfig) -> str:
    """Return the kind of plug-in that is tuned."""
    return {"recommender": "recommenders", "policy": "policies", "value": "value"}[config.kind]


def _with_options(config: AnyConfig, values: Mapping[str, Any]) -> AnyConfig:
    """Return a config with some of its component's options replaced. Raises ConfigError."""
    component = _component(config)
    changed = component.model_copy(update={"options": {**component.options, **values}})
    if isinstance(config, PolicyRunConfig):
        pipeline = config.pipeline.model_copy(update={"policy": changed})
        return config.model_copy(update={"pipeline": pipeline}).resolved()
    return config.model_copy(update={config.kind: changed}).resolved()
