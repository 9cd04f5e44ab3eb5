"""Choose past cut-offs to learn from."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from coadapt.data.batches import IntArray
from coadapt.domain.errors import EmptyDataError
from coadapt.domain.ranges import Between
from coadapt.value.base import ValueConfig


class CutoffConfig(ValueConfig):
    """Hold how many past cut-offs, half a horizon apart, a model learns from."""

    max_cutoffs: Annotated[int, Field(ge=1, le=1000), Between(1, 24)] = 8


def past_cutoffs(first: int, as_of: int, config: CutoffConfig) -> IntArray:
    """Return cut-offs whose horizons end by `as_of`, oldest first; all after `first` (epoch ms).

    Raises EmptyDataError where there is none.
    """
    back = np.arange(config.max_cutoffs - 1, -1, -1, dtype=np.int64) * (config.horizon_ms // 2)
    cutoffs = as_of - config.horizon_ms - back
    if cutoffs[-1] <= first:
        raise EmptyDataError(
            f"no event lies more than {config.horizon_days} days back, so that what followed is "
            "known: give more events or a shorter horizon"
        )
    return cutoffs[cutoffs > first]
