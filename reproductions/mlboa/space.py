"""Read the space of the task's tuning from the ranges that stand beside the hyperparameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from scipy.stats.qmc import Sobol

from coadapt.domain.ranges import Choice
from coadapt.tuning.space import Space
from coadapt.tuning.space_reading import read_space
from mlboa.contenders import Setting
from mlboa.features import EncoderConfig
from mlboa.models.lstm import LSTMConfig

SECTIONS: Final = {
    "encoder": read_space(EncoderConfig, {}, {}).space,
    "lstm": read_space(LSTMConfig, {}, {}).space,
}
"""What is searched of each section of a setting."""

SPACE: Final = Space(tuple(each for space in SECTIONS.values() for each in space.parameters))


def setting_of(values: Mapping[str, Choice]) -> Setting:
    """Return the setting that has these values."""
    return Setting.model_validate(
        {
            section: {name: values[name] for name in space.names}
            for section, space in SECTIONS.items()
        }
    )


def values_of(setting: Setting) -> dict[str, Choice]:
    """Return the searched values of a setting."""
    return {
        name: getattr(getattr(setting, section), name)
        for section, space in SECTIONS.items()
        for name in space.names
    }


def draw_settings(count: int) -> list[Setting]:
    """Return the first settings of a scrambled Sobol sequence, the same ones at every call."""
    n_drawn = 2 ** math.ceil(math.log2(max(count, 2)))
    points = Sobol(len(SPACE), seed=0).random(n_drawn)[:count]
    return [setting_of(SPACE.values_at(point)) for point in points.tolist()]
