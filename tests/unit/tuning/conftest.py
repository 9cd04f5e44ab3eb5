"""A study of a line whose trials take no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from coadapt.plugins import load_plugin
from coadapt.testing.searchers import LINE
from coadapt.tuning.journal import StudyJournal
from coadapt.tuning.study import Study


@contextmanager
def opened(folder: Path, name: str = "tpe", seed: int = 0, **facts: Any) -> Iterator[Study]:
    plugin = load_plugin("tuning/searchers", name)
    with StudyJournal(folder) as journal:
        yield Study(journal, {"searcher": name}, plugin(LINE, plugin.Config(), seed), **facts)


@pytest.fixture
def open_study() -> Callable[..., Any]:
    """Return a function that opens, in a folder, a study of the line from 0 to 1."""
    return opened
