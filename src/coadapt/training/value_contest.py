"""Judge a config's value model beside the others on the same cut-offs of the same data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from coadapt.data.stream import Stream
from coadapt.domain.errors import MissingExtraError
from coadapt.domain.progress import Progress
from coadapt.evaluation.forecast_comparison import Duel, crps_difference
from coadapt.evaluation.summary import Summary
from coadapt.plugins import plugin_modules
from coadapt.training.config import ComponentConfig
from coadapt.training.forecast_judging import Judged, judge_at
from coadapt.training.value_config import ValueRunConfig
from coadapt.value.base import ValueConfig

KIND: Final = "value"


@dataclass(frozen=True)
class Contest:
    """Hold what is judged first, the others by name, and which of them could not be loaded."""

    name: str
    judged: dict[str, Judged]
    missing: dict[str, str]

    def leads(self, rival: str) -> list[Summary]:
        """Return how much lower the first one's mean CRPS is than a rival's, a cut-off each.

        Below zero it is ahead; with the interval of paired users.
        """
        pairs = zip(self.judged[rival].at, self.judged[self.name].at, strict=True)
        return [
            crps_difference([Duel([theirs.evaluated], [ours.evaluated])]) for theirs, ours in pairs
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-ready values."""
        return {
            "model": self.name,
            "models": {name: judged.to_dict() for name, judged in self.judged.items()},
            "missing": self.missing,
        }


def rival_names() -> list[str]:
    """Return every value model there is."""
    return list(plugin_modules(KIND))


def hold_contest(
    config: ValueRunConfig,
    stream: Stream,
    cutoffs: Sequence[int],
    rivals: Sequence[str],
    progress: Progress,
) -> Contest:
    """Judge a config and rivals of the same horizon and spend types with their own defaults.

    A rival whose extra is not installed is left out and named. Raises as `judge_at`.
    """
    judged = {config.value.name: judge_at(config, stream, cutoffs, progress)}
    missing: dict[str, str] = {}
    for rival in rivals:
        if rival not in judged:
            try:
                judged[rival] = judge_at(_config_of(config, rival), stream, cutoffs, progress)
            except MissingExtraError as error:
                missing[rival] = error.message
    return Contest(config.value.name, judged, missing)


def _config_of(config: ValueRunConfig, rival: str) -> ValueRunConfig:
    """Return the config of a rival: what the business is like stays, the rest is its own."""
    shared = {name: config.value.options[name] for name in ValueConfig.model_fields}
    component = ComponentConfig(name=rival, options=shared)
    return config.model_copy(update={"value": component}).resolved()
