"""Tell each step of the set-up: a bar while it runs, a line with its result when it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

T = TypeVar("T")


class Steps:
    """Print steps to a console; set `told` within a step to say what came of it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.told = ""

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[float, float, str], None]]:
        """Show a bar; yields `progress(done, total, message)`."""
        self.told = ""
        started_s = time.monotonic()
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
        )
        quiet = not self._console.is_terminal
        with Progress(*columns, console=self._console, transient=True, disable=quiet) as bar:
            task = bar.add_task(title, total=None)

            def progress(done: float, total: float, message: str) -> None:
                bar.update(task, completed=done, total=total, description=message or title)

            yield progress
        self._done(title, time.monotonic() - started_s)

    @contextmanager
    def starting(self, title: str, opened: AbstractContextManager[T]) -> Iterator[T]:
        """Enter a context as a step and yield what it gives; leave it at the end."""
        with ExitStack() as stack:
            with self.step(title):
                inner = stack.enter_context(opened)
            yield inner

    def _done(self, title: str, passed_s: float) -> None:
        """Print what came of a step."""
        told = f": {self.told}" if self.told else ""
        self._console.print(
            f"[green]✓[/] {title}{told} [dim]{passed_s:.1f} s[/]", highlight=False, soft_wrap=True
        )
