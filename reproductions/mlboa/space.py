"""Draw settings evenly from the ranges that stand beside the hyperparameters."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from scipy.stats.qmc import Sobol

from coadapt.domain.ranges import Between, Choice, OneOf, Range
from coadapt.tuning.parameters import Kind, Parameter
from mlboa.contenders import Setting


def searched(section: type[BaseModel]) -> dict[str, tuple[Range, bool]]:
    """Return the searched fields of a config with their ranges, and whether they are integers."""
    return {
        name: (each, field.annotation is int)
        for name, field in section.model_fields.items()
        for each in field.metadata
        if isinstance(each, (Between, OneOf))
    }


def draw_settings(count: int) -> list[Setting]:
    """Return the first settings of a scrambled Sobol sequence, the same ones at every call."""
    fields = [
        (section, name, *found)
        for section, field in Setting.model_fields.items()
        for name, found in searched(_config(field.annotation)).items()
    ]
    n_drawn = 2 ** math.ceil(math.log2(max(count, 2)))
    points = Sobol(len(fields), seed=0).random(n_drawn)[:count]
    return [_setting(fields, point) for point in points.tolist()]


def _config(annotation: Any) -> type[BaseModel]:
    """Return the config that a section holds."""
    config: type[BaseModel] = annotation
    return config


def _setting(fields: list[tuple[str, str, Range, bool]], point: list[float]) -> Setting:
    """Return the setting at a point of the unit cube."""
    sections: dict[str, dict[str, Any]] = {name: {} for name in Setting.model_fields}
    for (section, name, searched_range, is_integer), place in zip(fields, point, strict=True):
        sections[section][name] = value_at(searched_range, place, is_integer=is_integer)
    return Setting.model_validate(sections)


def value_at(searched_range: Range, place: float, *, is_integer: bool) -> Choice:
    """Return the value at a place from 0 to 1, as a study has it."""
    kind: Kind = "integer" if is_integer else "float"
    if isinstance(searched_range, OneOf):
        kind = "categorical"
    return Parameter("", kind, searched_range).from_unit(place)


def flat(setting: Setting) -> Iterator[tuple[str, Any]]:
    """Yield the searched values of a setting."""
    for section in (setting.encoder, setting.lstm):
        for name in searched(type(section)):
            yield name, getattr(section, name)
