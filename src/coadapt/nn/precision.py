"""Say in which number format a training multiplies, and find out which is fastest here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Final, Literal, TypeAlias

import torch

Precision: TypeAlias = Literal["float32", "bfloat16"]

_WORTH_IT: Final = 1.2
_DTYPES: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16}
_chosen: ContextVar[Precision | None] = ContextVar("precision", default=None)


@contextmanager
def multiplying_in(precision: Precision | None) -> Iterator[None]:
    """Let trainings in a block multiply in a format, None: in the fastest here."""
    token = _chosen.set(precision)
    try:
        yield
    finally:
        _chosen.reset(token)


def matmul_dtype() -> torch.dtype:
    """Return the format in which to multiply now."""
    return _DTYPES[_chosen.get() or fastest_precision()]


@cache
def fastest_precision() -> Precision:
    """Return bfloat16 where a product in it is clearly faster than in float32, else float32."""
    is_faster = _seconds(torch.bfloat16) * _WORTH_IT < _seconds(torch.float32)
    return "bfloat16" if is_faster else "float32"


def _seconds(dtype: torch.dtype) -> float:
    """Return the best of five timings of one product of the usual shape."""
    left, right = torch.ones(512, 64, dtype=dtype), torch.ones(64, 2048, dtype=dtype)
    timings = []
    for _ in range(6):
        start = time.perf_counter()
        left @ right
        timings.append(time.perf_counter() - start)
    return min(timings[1:])
