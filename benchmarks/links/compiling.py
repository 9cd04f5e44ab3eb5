"""Compile functions, and let type checkers know them for what they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def compiled(function: FunctionT) -> FunctionT:
    """Return a function that numba compiles when it is first called."""
    return cast(FunctionT, njit(function))
