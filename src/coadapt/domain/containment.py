"""Keep what a step raises at the edge of a thread, for whoever waits for its answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Contained:
    """Hold what a block raised, None if it ended well."""

    error: Exception | None = None


@contextmanager
def contained() -> Iterator[Contained]:
    """Run a block whose failure must not end its thread; the caller looks at `error` after it.

    The one place that catches everything: a thread that serves many ends with none of them.
    """
    held = Contained()
    try:
        yield held
    except Exception as error:  # noqa: BLE001  (the edge of a thread, see above)
        held.error = error
