"""The rules of a project say the same as the settings they come from."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.serving.rules import ProjectRules, RetrainRules
from coadapt.settings import ProjectSettings, RetrainSettings

CONFIG = Path("train.toml")


def test_retraining_has_the_same_names_and_defaults_as_its_settings() -> None:
    rules = RetrainRules(CONFIG)
    plain = {part.name: getattr(rules, part.name) for part in fields(rules)}
    assert plain == RetrainSettings(config=CONFIG).model_dump()


def test_a_project_has_the_same_defaults_as_its_settings() -> None:
    rules, settings = ProjectRules(), ProjectSettings()
    assert rules.is_replay == settings.replay
    assert rules.attribution_window_ms == settings.attribution_window_days * DAY_MS
    assert (rules.retrain, settings.retrain) == (None, None)


def test_rules_never_change_while_they_serve() -> None:
    with pytest.raises(FrozenInstanceError):
        ProjectRules().is_replay = True  # type: ignore[misc]  # that is the point
