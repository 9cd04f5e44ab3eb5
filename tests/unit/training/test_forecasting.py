"""A model learns from and forecasts at instants by what had arrived."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coadapt.domain.durations import DAY_MS
from coadapt.domain.progress import no_progress
from coadapt.stores.files import FileRunStore
from coadapt.testing.tiny import shoppers
from coadapt.training.forecasting import end_of
from coadapt.training.preparing import Surroundings
from coadapt.training.stream_reading import StreamReading
from coadapt.training.value_config import parse_value_config
from coadapt.training.value_load import load_value
from coadapt.training.value_run import train_value
from coadapt.training.value_telling import tell

SHOP = {"n_users": 60, "n_items": 40, "n_events": 4000, "n_days": 200}
CONFIG = {
    "kind": "value",
    "data": {"source": "synthetic", "options": SHOP},
    "value": {"name": "rfm", "options": {"min_examples": 5}},
    "training": {"n_bootstrap": 0},
}


def test_the_end_is_when_the_last_event_had_arrived() -> None:
    stream = shoppers()
    late = replace(stream, received=stream.received + 30 * DAY_MS)
    assert end_of(stream) == stream.times[-1]
    assert len(late.known_at(end_of(late))) == len(late)


def test_a_clock_that_is_ahead_does_not_move_the_end() -> None:
    stream = shoppers()
    times = np.append(stream.times[:-1], stream.times[-1] + 400 * DAY_MS)
    assert end_of(replace(stream, times=times)) == stream.received[-1]


def test_the_events_seen_of_somebody_are_those_that_had_arrived(tmp_path) -> None:
    store, stream = FileRunStore(tmp_path), shoppers()
    run = train_value(parse_value_config(CONFIG, "test"), store, Surroundings(10**12))
    late = replace(stream, received=stream.received + 30 * DAY_MS)
    instant = int(stream.times[1500])
    told = tell(
        load_value(store, run.run_id), StreamReading("log", late, None), "u3", instant, no_progress
    )
    assert told["events_seen"] == np.count_nonzero(late.known_at(instant).users == 3)
