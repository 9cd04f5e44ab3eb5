"""Read a search space from a config class's annotations and the changes that a file makes."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from coadapt.domain.errors import ConfigError
from coadapt.domain.ranges import Between, Choice, OneOf, Range
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
    stand for what is not searched. What depends on a value that can no longer be is left out.
    Raises ConfigError that names the key.
    """
    fields = config_class.model_fields
    for name in changes:
        if name not in fields:
            raise _error(name, f"no such hyperparameter; there are: {', '.join(fields)}")
    fixed = {name: each for name, each in changes.items() if not isinstance(each, dict | list)}
    base = _settings(config_class, {**options, **fixed})
    searched = {
        name: _parameter(name, field, found)
        for name, field in fields.items()
        if name not in fixed and (found := _range_of(name, field, changes.get(name))) is not None
    }
    parameters = _without_settled(searched, base, named=changes)
    if not parameters:
        raise _error("", "nothing is left to search: give a range, or leave one as annotated")
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
            return OneOf(*(_of_type(field, each) for each in change), when=when)
        return _with_bounds(annotated, _Bounds(**change))
    except ValidationError as error:
        raise _error(name, "a range has low, high, log and step") from error
    except (ConfigError, TypeError) as error:
        raise _error(name, str(error)) from error


def _with_bounds(annotated: Range | None, bounds: _Bounds) -> Between:
    """Return the annotated range with the bounds that are given. Raises ConfigError."""
    given: dict[str, Any] = bounds.model_dump(exclude_none=True)
    if isinstance(annotated, Between):
        # They exclude each other: the one that is given wins over the one that is annotated.
        without: dict[str, Any] = {"step": None} if bounds.log else {}
        if bounds.step is not None:
            without = {"log": False}
        return replace(annotated, **(without | given))
    if bounds.low is None or bounds.high is None:
        raise ConfigError("give low and high: nothing is annotated that they could change")
    return Between(**given)


def _without_settled(
    parameters: Mapping[str, Parameter], base: Mapping[str, Any], named: Container[str]
) -> list[Parameter]:
    """Leave out what cannot matter; drop conditions on what is not searched and holds.

    Raises ConfigError for a range that somebody named and whose condition can no longer hold.
    """
    kept: dict[str, Parameter] = {}
    for name in _ordered(parameters):
        each = parameters[name]
        if each.when is None or _can_matter(each, kept, is_named=name in named):
            kept[name] = each
        elif each.when[0] not in parameters and base.get(each.when[0]) == each.when[1]:
            kept[name] = replace(each, range=_unconditional(each.range))
    return list(kept.values())


def _can_matter(each: Parameter, kept: Mapping[str, Parameter], *, is_named: bool) -> bool:
    """Tell whether what is searched can meet a parameter's condition.

    Raises ConfigError where it cannot, and somebody named the parameter.
    """
    assert each.when is not None
    name, wanted = each.when
    if name not in kept:
        return False
    can_be = kept[name].can_be(wanted)
    if is_named and not can_be:
        raise _error(each.name, f"needs {name} = {wanted!r}, which cannot be")
    return can_be


def _unconditional(each: Range) -> Range:
    """Return the same range without its condition."""
    return replace(each, when=None) if isinstance(each, Between) else OneOf(*each.choices)


def _ordered(parameters: Mapping[str, Parameter]) -> list[str]:
    """Return the names, each after the one that its condition names, if that is searched too.

    Raises ConfigError.
    """
    ordered: list[str] = []
    while len(ordered) < len(parameters):
        left = parameters.keys() - {*ordered}
        ready = [
            name
            for name, each in parameters.items()
            if name in left and (each.when is None or each.when[0] not in left)
        ]
        if not ready:
            names = ", ".join(name for name in parameters if name in left)
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
    types = _types_of(field)
    if float in types:
        return "float"
    return "integer" if int in types else None


def _types_of(field: FieldInfo) -> tuple[Any, ...]:
    """Return the types that a field's annotation names."""
    return field.annotation, *get_args(field.annotation)


def _of_type(field: FieldInfo, value: Choice) -> Choice:
    """Return a choice as the field itself would hold it, so that 0 is 0.0 to a float."""
    types = _types_of(field)
    if isinstance(value, bool) or (int in types and float in types):
        return value
    if isinstance(value, int) and float in types:
        return float(value)
    if isinstance(value, float) and int in types and value.is_integer():
        return int(value)
    return value


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
