"""Fit BG/NBD and Gamma-Gamma to a tenth of CDNOW and set the result beside the published one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from contest.rows import Occasion, Row

from coadapt.data.sources.base import make_source
from coadapt.data.stream import Stream
from coadapt.domain.resources import Resources
from coadapt.value.bg_nbd import BGNBD, BGNBDConfig
from forecasts.plan import Anchor, instant_of


def anchor_rows(occasion: Occasion, anchor: Anchor, data: Path) -> Iterator[Row]:
    """Yield our parameters and the published ones."""
    facts = {"dataset": "cdnow-tenth", "protocol": "39 weeks, one purchase a day, in weeks"}
    for name, value in _fitted(anchor, data).items():
        yield occasion.row(name, value, **facts, method="bg_nbd")
    for name, value in anchor.values.items():
        yield occasion.row(
            name, value, **facts, method="bg_nbd", peer=True, source=anchor.source, load=None
        )


def _fitted(anchor: Anchor, data: Path) -> dict[str, float]:
    """Return the parameters that we find."""
    stream = Stream.from_frame(make_source("cdnow").read(data / anchor.path).events)
    model = BGNBD(BGNBDConfig(unit_days=7.0, amounts="repeat"))
    model.fit(stream, Resources(), instant_of(anchor.end))
    likelihood = float(np.asarray(model.weights()["log_likelihood"])[0])
    parameters = {**model.rates._asdict(), **model.prices._asdict()}
    return {**parameters, "log_likelihood": likelihood}
