"""Lay out tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def head(heads: Sequence[str]) -> list[str]:
    """Return the first two lines of a table: names on the left, figures on the right."""
    return [line(heads), line(["---"] + ["---:"] * (len(heads) - 1))]


def line(cells: Sequence[str]) -> str:
    """Return one line of a table."""
    return f"| {' | '.join(cells)} |"
