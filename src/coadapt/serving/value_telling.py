"""Ask a live value model about one person: how much, how likely, what drives it, which segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from coadapt.data.batches import FloatArray
from coadapt.domain.valuations import Driver
from coadapt.serving.value_standing import standing_of
from coadapt.serving.value_state import ValueState
from coadapt.value.forecasts import Forecast
from coadapt.value.segments import SEGMENTS, UNKNOWN, segments_of

QUANTILES: Final = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Told:
    """Hold what a model says of one person; see `Valuation` for what the parts are."""

    expected_spend: float
    quantiles: dict[str, float]
    p_purchase_session: float | None
    p_return: float | None
    is_prior: bool
    segment: str
    drivers: tuple[Driver, ...] | None

    @classmethod
    def of(cls, forecast: Forecast, segment: str, drivers: tuple[Driver, ...] | None) -> Told:
        """Return a forecast of one user with what else is known of them."""
        return cls(
            expected_spend=float(forecast.expected_spend[0]),
            quantiles={f"{level:g}": float(forecast.at(level)[0]) for level in QUANTILES},
            p_purchase_session=_first(forecast.p_purchase_session),
            p_return=_first(forecast.p_return),
            is_prior=bool(forecast.is_prior[0]),
            segment=segment,
            drivers=drivers,
        )


def tell(state: ValueState, number: int | None, as_of: int) -> Told:
    """Ask the model about one person; None is nobody whom it knows. Call under the lock."""
    if number is None:
        nobody = np.array([state.roster.n_rows], np.int64)
        drivers = _drivers(state, int(nobody[0]), as_of)
        return Told.of(state.model.value(nobody, as_of), SEGMENTS[UNKNOWN], drivers)
    people = np.array([number], np.int64)
    with state.rows_of(people, as_of) as rows:
        forecast = state.model.value(rows, as_of)
        standing = standing_of(state, people, forecast, rows, as_of)
        segment = int(segments_of(standing, state.loaded.thresholds)[0])
        return Told.of(forecast, SEGMENTS[segment], _drivers(state, int(rows[0]), as_of))


def _drivers(state: ValueState, row: int, as_of: int) -> tuple[Driver, ...] | None:
    """Return what raised or lowered a forecast, the strongest first; None if it is not known."""
    drivers = state.model.drivers(row, as_of)
    if drivers is None:
        return None
    pairs = zip(drivers.type_names, drivers.contributions.tolist(), strict=True)
    moved = [Driver(name, share) for name, share in pairs if share != 0]
    return tuple(sorted(moved, key=lambda driver: -abs(driver.contribution)))


def _first(column: FloatArray | None) -> float | None:
    """Return the only number of a head that a model may not have."""
    return None if column is None else float(column[0])
