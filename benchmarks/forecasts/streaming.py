"""Measure how fast events move a forecast, how exact the state is, and how large."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from unittest import mock

import numpy as np
from contest.rows import Occasion, Row

from coadapt.data.dataset import Vocabulary
from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS, MINUTE_MS
from coadapt.domain.events import BEHAVIOURS
from coadapt.domain.resources import Resources
from coadapt.value._duve import asking
from coadapt.value.duve import DUVE, DUVEConfig

N_EVENTS: Final = 400_000
N_USERS: Final = 40_000
N_ITEMS: Final = 2_000
N_HOSTS: Final = 50
N_SINGLE: Final = 1_000
N_REPLAYED: Final = 100_000
BATCH: Final = 1_000
N_MEMBERS: Final = (1, 3)


def made_up_stream(n_events: int, n_users: int, seed: int = 0) -> Stream:
    """Return half a year of live commerce: all behaviours, some late, a few from clocks ahead.

    Users are as uneven as can be: the busiest one has more than half of all events.
    """
    rng = np.random.default_rng(seed)
    received = np.sort(rng.integers(0, 180 * DAY_MS, n_events)) + 20_000 * DAY_MS
    late = (rng.random(n_events) < 0.1) * rng.integers(0, 2 * DAY_MS, n_events)
    ahead = (rng.random(n_events) < 0.01) * rng.integers(0, 10 * MINUTE_MS, n_events)
    types = rng.integers(0, len(BEHAVIOURS), n_events)
    is_money = np.isin(np.array(BEHAVIOURS)[types], ("purchase", "send_gift", "refund"))
    return Stream(
        users=np.minimum(rng.zipf(1.2, n_events), n_users) - 1,
        items=rng.integers(0, N_ITEMS, n_events),
        hosts=rng.integers(-1, N_HOSTS, n_events),
        types=types,
        times=received - late + ahead,
        received=received,
        values=np.where(is_money, np.exp(rng.normal(3, 1, n_events)), np.nan),
        quantities=np.full(n_events, np.nan),
        type_names=BEHAVIOURS,
        user_ids=Vocabulary([str(row) for row in range(n_users)]),
        item_ids=Vocabulary([str(row) for row in range(N_ITEMS)]),
        host_ids=Vocabulary([str(row) for row in range(N_HOSTS)]),
    )


def streaming_rows(occasion: Occasion, n_members: int) -> Iterator[Row]:
    """Yield how long training takes, how fast and exact streaming is, and what a user takes."""
    stream = made_up_stream(N_EVENTS, N_USERS)
    model = DUVE(DUVEConfig(n_members=n_members))
    started = time.process_time()
    model.fit(stream, Resources(), int(stream.received.max()))
    trained_s = time.process_time() - started
    figures = {
        "training, CPU seconds": trained_s,
        **dict(streaming_figures(model, stream, N_SINGLE)),
        "largest error of streaming": replay_error(model, stream.take(slice(0, N_REPLAYED))),
    }
    for metric, value in figures.items():
        print(f"{n_members} members: {metric} {value:.5g}", flush=True)
        yield occasion.row(
            metric,
            value,
            dataset=f"{N_EVENTS:,} made-up events of live commerce",
            protocol=f"{len(BEHAVIOURS)} types, {N_USERS:,} users, one thread",
            method=f"duve, {n_members} member" + "s" * (n_members > 1),
        )


def streaming_figures(model: DUVE, stream: Stream, n_single: int) -> Iterator[tuple[str, float]]:
    """Yield figures of a fitted model: speed in batches, of single events, and bytes a user.

    The last `n_single` events come one by one, each followed by a forecast of its user.
    """
    n_batched = len(stream) - n_single
    started, started_cpu = time.perf_counter(), time.process_time()
    for batch in stream.take(slice(0, n_batched)).batches(BATCH):
        model.update(batch)
    yield f"events a second, batches of {BATCH:,}", n_batched / (time.perf_counter() - started)
    yield (
        f"events a CPU second, batches of {BATCH:,}",
        n_batched / (time.process_time() - started_cpu),
    )
    yield from _single_ms(model, stream, n_batched)
    yield "bytes a user", model.bytes_per_user


def replay_error(model: DUVE, stream: Stream) -> float:
    """Return the largest difference of a state folded in uneven batches from a replay at once."""
    users = np.arange(stream.n_users)
    now = int(max(stream.received.max(), stream.times.max())) + DAY_MS
    embeddings = []
    for sizes in ((1, 7, 300, 20_000), (len(stream),)):
        model.load_weights(model.weights())
        start, turn = 0, 0
        while start < len(stream):
            size = sizes[turn % len(sizes)]
            model.update(stream.take(slice(start, start + size)))
            start, turn = start + size, turn + 1
        embeddings.append(model.embed(users, now))
    return float(np.abs(embeddings[0] - embeddings[1]).max())


def _single_ms(model: DUVE, stream: Stream, start: int) -> Iterator[tuple[str, float]]:
    """Yield the milliseconds of folding one event and forecasting its user.

    Every other event is answered by PyTorch alone, so that both ways meet the same machine.
    """
    wall: tuple[list[float], list[float]] = ([], [])
    cpu: list[float] = []
    for event in range(start, len(stream)):
        single = stream.take(slice(event, event + 1))
        single = replace(single, times=np.minimum(single.times, single.received))
        is_plain = event % 2 == 1
        with mock.patch.object(asking, "FEW", 0 if is_plain else asking.FEW):
            began, began_cpu = time.perf_counter(), time.process_time()
            model.update(single)
            model.value(single.users, int(single.received[0]))
            wall[is_plain].append((time.perf_counter() - began) * 1e3)
        if not is_plain:
            cpu.append((time.process_time() - began_cpu) * 1e3)
    ours, plain = map(np.median, wall)
    yield "ms until a single event is in value(), median", float(ours)
    yield "ms until a single event is in value(), median, by PyTorch alone", float(plain)
    yield "CPU ms until a single event is in value(), mean", float(np.mean(cpu))
