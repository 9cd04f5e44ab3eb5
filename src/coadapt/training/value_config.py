"""Say how a value model is learned: one file that is validated whole before anything starts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from typing_extensions import override

from coadapt.training.config import (
    ComponentConfig,
    DataConfig,
    ResolvedSection,
    Section,
    make_component,
    parse_as,
)
from coadapt.value.base import ValueModel


class ValueTrainingConfig(Section):
    """Say how to train: seed, threads and limits, the same for every method.

    Value models train on the CPU.
    """

    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    device: Literal["cpu"] = "cpu"
    n_threads: Annotated[int, Field(ge=1)] = 1
    max_cpu_seconds: Annotated[float, Field(gt=0)] | None = None
    n_bootstrap: Annotated[int, Field(ge=0, le=100_000)] = 200


class CutoffsConfig(Section):
    """Say when forecasts are judged: made at each of `dates` (midnight UTC), from what was known.

    Without dates: one horizon before the end of the data. `clock` says when an event became known:
    on its arrival, or when it happened, for a log into which a past was imported.
    """

    dates: tuple[date, ...] = ()
    clock: Literal["arrival", "event"] = "arrival"

    def instants(self) -> list[int]:
        """Return the dates as epoch ms, oldest first."""
        days = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in sorted(self.dates))
        return [int(day.timestamp() * 1000) for day in days]


class CurrenciesConfig(Section):
    """Say what one unit of each currency is worth in `base`, the one whose rate is 1."""

    base: str | None = None
    rates: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_a_base(self) -> CurrenciesConfig:
        if self.rates and self.named_base() is None:
            raise ValueError("one of the rates must be 1: that of the currency of the forecasts")
        if self.rates and self.base is not None and self.rates.get(self.base) != 1:
            raise ValueError(f"the rate of the base, {self.base}, must be 1")
        return self

    def named_base(self) -> str | None:
        """Return the currency of the forecasts, None where it is nowhere said."""
        ones = (name for name, rate in self.rates.items() if rate == 1)
        return self.base or next(ones, None)


class ValueRunConfig(ResolvedSection):
    """Say which value model to learn, from what, and at which instants it is judged.

    Written into the run, defaults included.
    """

    kind: Literal["value"]
    data: DataConfig
    value: ComponentConfig
    training: ValueTrainingConfig = ValueTrainingConfig()
    cutoffs: CutoffsConfig = CutoffsConfig()
    currencies: CurrenciesConfig = CurrenciesConfig()

    @override
    def resolved(self) -> Self:
        """Return the same config with the model's defaults written out. Raises ConfigError."""
        self.data.check()
        options = self.make_model().config.model_dump(mode="json", exclude_none=True)
        component = self.value.model_copy(update={"options": options})
        return self.model_copy(update={"value": component})

    def make_model(self) -> ValueModel[Any]:
        """Construct the model that this config names. Raises ConfigError, UnknownPluginError."""
        model: ValueModel[Any] = make_component("value", self.value, "value.options")
        return model


def parse_value_config(document: dict[str, Any], place: str) -> ValueRunConfig:
    """Validate a config whole, the model's own options included. Raises ConfigError."""
    return parse_as(ValueRunConfig, document, place)
