"""Say which event types raised or lowered a user's expected spend: exact, as a state is a sum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from coadapt.data.batches import FloatArray, IntArray
from coadapt.value._duve.asking import Asker
from coadapt.value._duve.averaging import expected_spend_of
from coadapt.value.forecasts import Drivers


def drivers_of(
    asker: Asker, sums: Sequence[Tensor], context: Tensor, type_names: Sequence[str]
) -> Drivers:
    """Return contributions that add up: each type's is what its sums change when they are put in.

    Averaged over putting types in from the first to the last and the other way round. `sums` holds
    each member's (n_types, n_scales, n_channels); `context` (1, n_context).
    """
    order = np.arange(len(type_names))
    paths = [_along(asker, sums, context, way) for way in (order, order[::-1])]
    contributions = np.mean([contribution for _, contribution in paths], axis=0)
    return Drivers(paths[0][0], tuple(type_names), contributions)


def _along(
    asker: Asker, sums: Sequence[Tensor], context: Tensor, order: IntArray
) -> tuple[float, FloatArray]:
    """Put types in one after the other; return the start and each type's step, by type."""
    n_types = len(order)
    is_in = torch.zeros(n_types + 1, n_types)
    for step, kind in enumerate(order):
        is_in[step + 1 :, kind] = 1.0
    put_in = [own * is_in[:, :, None, None] for own in sums]
    states = asker.states(put_in, context.expand(n_types + 1, -1))
    values = expected_spend_of(asker.outlooks(states))
    steps = np.zeros(n_types)
    steps[order] = np.diff(values)
    return float(values[0]), steps
