"""Keep Python's search for reference cycles off work that makes many objects and no cycle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def cycle_search_paused() -> Iterator[None]:
    """Run a block without the search, which looks at every object again and again.

    Reading a million rows of a log triples in time by it. What no cycle holds is freed as ever.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
