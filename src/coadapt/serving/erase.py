"""Erase a person: from the log, down to the bytes, and from everything derived from it."""

from __future__ import annotations

import asyncio

from coadapt.domain.queries import Person
from coadapt.serving.loop import Loop
from coadapt.stores.base import Erasure


async def erase(loop: Loop, project: str, person: Person) -> Erasure:
    """Erase a person under every id known to be theirs; the answer's `scrubbed` is done.

    Later events of theirs are refused. Raises OverloadedError, StoreError.
    """
    ids = loop.features.ids_of(project, person)
    removed = await asyncio.wrap_future(loop.journal.erase(project, ids))
    await asyncio.shield(asyncio.wrap_future(removed.scrubbed))
    loop.tally.add("erasures", project)
    return removed
