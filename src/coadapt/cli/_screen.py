"""Draw progress bars and tables in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

screen = Console(markup=False)
errors = Console(stderr=True, markup=False)
"""Brackets stand for themselves: titles and messages are not ours to style."""


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float, float, str], None]]:
    """Show a bar on a terminal's standard error; yields `progress(done, total, message)`."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    is_silent = not errors.is_terminal
    with Progress(*columns, console=errors, transient=True, disable=is_silent) as bar:
        task = bar.add_task(title, total=None)

        def advance(done: float, total: float, message: str) -> None:
            bar.update(task, completed=done, total=total, description=message or title)

        yield advance


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table whose first column is text and whose others are figures."""
    table = Table(title=title, title_justify="left")
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right")
    for row in rows:
        table.add_row(*row)
    screen.print(table)
