"""Find out which number format this processor multiplies fastest; nothing is assumed."""

from __future__ import annotations

import time
from functools import cache

import torch

_WORTH_IT = 1.2


@cache
def matmul_dtype() -> torch.dtype:
    """Return bfloat16 where a product in it is clearly faster than in float32, else float32."""
    if _seconds(torch.bfloat16) * _WORTH_IT < _seconds(torch.float32):
        return torch.bfloat16
    return torch.float32


def _seconds(dtype: torch.dtype) -> float:
    """Return the best of five timings of one product of the usual shape."""
    left, right = torch.ones(512, 64, dtype=dtype), torch.ones(64, 2048, dtype=dtype)
    timings = []
    for _ in range(6):
        start = time.perf_counter()
        left @ right
        timings.append(time.perf_counter() - start)
    return min(timings[1:])
