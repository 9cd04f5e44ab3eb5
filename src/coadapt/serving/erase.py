"""Erase a person: from the log, down to the bytes, and from everything derived from it."""

from __future__ import annotations

import asyncio

from coadapt.domain.queries import Person
from coadapt.serving.loop import Loop
from coadapt.stores.base import Erasure


async def erase(loop: Loop, project: str, identifier: str) -> Erasure:
    """Erase whoever has this id as user or as visitor, and every id known to be theirs.

    Later events of theirs are refused. Raises OverloadedError, StoreError.
    """
    sides = (Person(user_id=identifier), Person(anonymous_id=identifier))
    ids = frozenset[str]().union(*(loop.features.ids_of(project, side) for side in sides))
    removed = await asyncio.wrap_future(loop.journal.erase(project, ids))
    loop.tally.add("erasures", project)
    return removed
