"""List what most people show interest in now."""

from __future__ import annotations

import numpy as np

from coadapt.serving.loop import Loop


def trending(loop: Loop, project: str, as_of: int, count: int) -> list[tuple[str, float]]:
    """Return the items of most recent interest that may be shown, best first."""
    item_ids = loop.features.item_ids(project)
    mask = loop.features.allowed(project, as_of=as_of)
    hidden = {item_ids[number] for number in np.flatnonzero(~mask).tolist()}
    found = loop.features.trending(project, as_of=as_of, k=count + len(hidden))
    return [(item_id, score) for item_id, score in found if item_id not in hidden][:count]
