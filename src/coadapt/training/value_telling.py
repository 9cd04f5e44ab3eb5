"""Tell what a run forecasts for one user of a stream."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from coadapt.data.log import row_of_person
from coadapt.domain.errors import NotFoundError
from coadapt.domain.progress import Progress
from coadapt.training.forecasting import end_of
from coadapt.training.standing import standing_at
from coadapt.training.stream_reading import StreamReading
from coadapt.training.value_load import LoadedValue
from coadapt.value.segments import SEGMENTS, segments_of

QUANTILES: Final = (0.05, 0.5, 0.95)


def tell(
    loaded: LoadedValue,
    reading: StreamReading,
    user: str,
    as_of: int | None,
    progress: Progress,
) -> dict[str, Any]:
    """Return a user's forecast as of an instant (epoch ms), by default the end of the data.

    Raises NotFoundError.
    """
    row = user_row(reading, user)
    instant = end_of(reading.stream) if as_of is None else as_of
    users, standing = standing_at(loaded.model, reading.stream, instant, progress)
    segments = segments_of(standing, loaded.thresholds)
    place = np.flatnonzero(users == row)
    forecast = loaded.model.value(np.array([row], np.int64), instant)
    drivers = loaded.model.drivers(row, instant)
    n_seen = int(np.count_nonzero(reading.stream.known_at(instant).users == row))
    return {
        "user": user,
        "as_of": datetime.fromtimestamp(instant / 1000, UTC).isoformat(timespec="seconds"),
        "horizon_days": loaded.model.config.horizon_days,
        "currency": reading.currency,
        "expected_spend": float(forecast.expected_spend[0]),
        "quantiles": {f"{level:g}": float(forecast.at(level)[0]) for level in QUANTILES},
        "p_return": None if forecast.p_return is None else float(forecast.p_return[0]),
        "segment": SEGMENTS[int(segments[place[0]])] if len(place) else SEGMENTS[0],
        "drivers": None
        if drivers is None
        else dict(zip(drivers.type_names, drivers.contributions.tolist(), strict=True)),
        "events_seen": n_seen,
        "prior": bool(forecast.is_prior[0]),
    }


def user_row(reading: StreamReading, user: str) -> int:
    """Return the row of a user. Raises NotFoundError."""
    row = row_of_person(reading.stream.user_ids, user)
    if row < 0:
        raise NotFoundError("the run's data has no such user", field="user")
    return row
