"""Tell whoever waits how far a long task is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[float, float, str], None]
"""Called with how much is done, how much there is, and what is being done."""


def no_progress(done: float, total: float, message: str) -> None:
    """Report nothing."""
