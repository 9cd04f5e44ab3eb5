"""Read a search space from a config class's annotations and the changes that a file makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from coadapt.domain.errors import ConfigError
from coadapt.domain.ranges import Between, OneOf, Range
from coadapt.tuning.parameters import Kind, Parameter
from coadapt.tuning.space import Space


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold what is searched and which values the file fixes instead."""

    space: Space
    fixed: Mapping[str, Any]


class _Bounds(BaseModel):
    """Hold what a file may say of a range; what it leaves out stays as annotated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float | None = None
    high: float | None = None
    log: bool | None = None
    step: float | None = None


def read_space(
    config_class: type[BaseModel], options: Mapping[str, Any], changes: Mapping[str, Any]
) -> Plan:
    """Return the space of a config class, changed as a `[tuning.space]` table says.

    A table sets bounds, a list gives choices, and a plain value fixes the hyperparameter. `options`
    stand for what is not searched. Raises ConfigError that names the key.
    """
    fields = config_class.model_fields
    for name in changes:
        if name not in fields:
            raise _error(name, f"no such hyperparameter; there are: {', '.join(fields)}")
    fixed = {name: each for name, each in changes.items() if not isinstance(each, dict | list)}
    base = _settings(config_class, {**options, **fixed})
    ranges = {
        name: found
        for name, field in fields.items()
        if name not in fixed and (found := _range_of(name, field, changes.get(name))) is not None
    }
    relevant = _without_settled(ranges, base)
    parameters = [_parameter(name, fields[name], each) for name, each in relevant.items()]
    if not parameters:
        raise _error("", f"there is nothing to search: {config_class.__name__} names no range")
    for parameter in parameters:
        _check_ends(config_class, parameter, {**options, **fixed})
    return Plan(Space(tuple(parameters)), fixed)


def _range_of(name: str, field: FieldInfo, change: Any) -> Range | None:
    """Return the range of a field: the file's, the annotation with the file's bounds, or neither.

    Raises ConfigError.
    """
    annotated = next((m for m in field.metadata if isinstance(m, Between | OneOf)), None)
    if change is None:
        return annotated
    when = None if annotated is None else annotated.when
    try:
        if isinstance(change, list):
            return OneOf(*change, when=when)
        return _with_bounds(annotated, _Bounds(**change))
    except ValidationError as error:
        raise _error(name, "a range has low, high, log and step") from error
    except (ConfigError, TypeError) as error:
        raise _error(name, str(error)) from error


def _with_bounds(annotated: Range | None, bounds: _Bounds) -> Between:
    """Return the annotated range with the bounds that are given. Raises ConfigError."""
    given: dict[str, Any] = bounds.model_dump(exclude_none=True)
    if isinstance(annotated, Between):
        without_step: dict[str, Any] = {"step": None} if bounds.log else {}
        return replace(annotated, **(without_step | given))
    if bounds.low is None or bounds.high is None:
        raise ConfigError("give low and high: nothing is annotated that they could change")
    return Between(**given)


def _without_settled(ranges: Mapping[str, Range], base: Mapping[str, Any]) -> dict[str, Range]:
    """Leave out what cannot matter; drop conditions on what is not searched and holds."""
    kept: dict[str, Range] = {}
    for name in _ordered(ranges):
        each = ranges[name]
        if each.when is None or each.when[0] in kept:
            kept[name] = each
        elif each.when[0] not in ranges and base.get(each.when[0]) == each.when[1]:
            kept[name] = _unconditional(each)
    return kept


def _unconditional(each: Range) -> Range:
    """Return the same range without its condition."""
    return replace(each, when=None) if isinstance(each, Between) else OneOf(*each.choices)


def _ordered(ranges: Mapping[str, Range]) -> list[str]:
    """Return the names, each after the one that its condition names, if that is searched too.

    Raises ConfigError.
    """
    ordered: list[str] = []
    while len(ordered) < len(ranges):
        left = ranges.keys() - {*ordered}
        ready = [
            name
            for name, each in ranges.items()
            if name in left and (each.when is None or each.when[0] not in left)
        ]
        if not ready:
            names = ", ".join(name for name in ranges if name in left)
            raise _error(names, "these depend on one another in a circle")
        ordered += ready
    return ordered


def _parameter(name: str, field: FieldInfo, each: Range) -> Parameter:
    """Return a parameter of the field's own type. Raises ConfigError."""
    if isinstance(each, OneOf):
        return Parameter(name, "categorical", each)
    kind = _number_kind(field)
    if kind is None:
        raise _error(name, "is no number: give a list of choices")
    numbers = (each.low, each.high, each.step or 1)
    if kind == "integer" and not all(float(number).is_integer() for number in numbers):
        raise _error(name, "is an integer: its bounds and step must be whole numbers")
    return Parameter(name, kind, each)


def _number_kind(field: FieldInfo) -> Kind | None:
    """Tell which numbers a field takes, None if it takes none."""
    types = (field.annotation, *get_args(field.annotation))
    if float in types:
        return "float"
    return "integer" if int in types else None


def _settings(config_class: type[BaseModel], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return all settings, defaults included. Raises ConfigError."""
    try:
        return config_class(**options).model_dump()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise _error(".".join(map(str, first["loc"])), first["msg"].lower()) from error


def _check_ends(
    config_class: type[BaseModel], parameter: Parameter, options: Mapping[str, Any]
) -> None:
    """Raise ConfigError where the field itself refuses an end of its range."""
    for value in parameter.lattice(2):
        try:
            config_class(**{**options, parameter.name: value})
        except ValidationError as error:
            for problem in error.errors(include_input=False):
                if problem["loc"][:1] == (parameter.name,):
                    raise _error(parameter.name, f"{value!r}: {problem['msg'].lower()}") from error


def _error(name: str, reason: str) -> ConfigError:
    """Return an error that names the key."""
    key = ".".join(part for part in ("tuning.space", name) if part)
    return ConfigError(f"{key}: {reason}", field=key)
