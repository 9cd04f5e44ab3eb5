"""Measure the service: latency at a fixed rate, saturation, durable batched ingest.

Service and generators share this machine's cores. Writes benchmarks/results/serve.json.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from contest.rows import Occasion, Row, keep_rows
from report import write_page
from service.bodies import history_batches, oldest, write_questions, write_single_events
from service.generators import Stream, open_loop, saturate
from service.ingest import events_per_second
from service.rebuild import rebuild
from service.running import check_personal, service, train, write_config

from coadapt.data.dataset import Dataset, IntArray
from coadapt.domain.errors import CoadaptError
from coadapt.training.config import read_run_config
from coadapt.training.preparing import Surroundings, prepare

BENCHMARKS = Path(__file__).resolve().parent
ROOT = BENCHMARKS.parent
FOLDER = ROOT / ".bench" / "serve"
BATCH_SIZES: Final = (100, 1000)
EVENTS_A_SMALL_BATCH_RUN: Final = 100_000


def main(arguments: list[str]) -> None:
    """Measure everything and keep the rows."""
    options = _options(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    occasion = Occasion.now("serve", "bench-serve", arguments)
    config = write_config(
        FOLDER / "sasrec.toml",
        has_data=options.data is not None,
        cpu_seconds=options.train_cpu_seconds,
    )
    runs = options.runs.resolve()
    run = options.run or train(config, runs, options.data)
    surroundings = Surroundings(now_ms=time.time_ns() // 1_000_000, data_root=options.data)
    dataset = prepare(read_run_config(config), surroundings).dataset
    with service(run, runs, FOLDER) as url:
        bench = _Bench(url, dataset, oldest(dataset, options.events), options, occasion)
        rows = [*bench.ingest(), *bench.fixed_rate(), *bench.saturation()]
    rows += list(bench.start(FOLDER / "log.db"))
    keep_rows(rows, options.results)
    write_page(BENCHMARKS / "results", ROOT / "docs")


@dataclass(frozen=True)
class _Bench:
    """Put one kind of load after another on a service that runs at `url`."""

    url: str
    dataset: Dataset
    history: IntArray
    options: argparse.Namespace
    occasion: Occasion

    def ingest(self) -> Iterator[Row]:
        """Load the log with the users' histories, in small batches first, timed."""
        n_small = min(EVENTS_A_SMALL_BATCH_RUN, len(self.history) // 2)
        parts = (self.history[:n_small], self.history[n_small:])
        for size, events in zip(BATCH_SIZES, parts, strict=True):
            bodies = list(history_batches(self.dataset, events, size))
            rate = events_per_second(self.url, bodies, n_connections=4)
            yield self._row(f"durable ingest, batches of {size:,}", "events_per_second", rate)

    def fixed_rate(self) -> Iterator[Row]:
        """Ask and post at fixed rates at once."""
        somebody = self.dataset.users[self.history[0]]
        check_personal(self.url, self.dataset.user_ids.ids[somebody])
        streams = self._streams()
        found = open_loop(self.url, streams, self.options.seconds, FOLDER)
        for stream in streams:
            load = f"{stream.name} at {stream.rate:g}/s, both for {self.options.seconds} s"
            for metric, value in found[stream.name].items():
                yield self._row(load, metric, value)

    def saturation(self) -> Iterator[Row]:
        """Ask and post, one after the other, as fast as answers come."""
        for stream in self._streams():
            for connections in (1, 16, 64):
                reached = saturate(self.url, stream, 10, connections, node=FOLDER.parent / "node")
                load = f"{stream.name}, saturated, connections: {connections}"
                for metric, value in asdict(reached).items():
                    yield self._row(load, metric, value)

    def start(self, log: Path) -> Iterator[Row]:
        """Rebuild state from the log that all of this has left."""
        n_events, seconds = rebuild(log)
        yield self._row("rebuild of state at start", "events", n_events)
        yield self._row("rebuild of state at start", "seconds", seconds)

    def _streams(self) -> list[Stream]:
        """Write the bodies and say at what rates they are sent."""
        rng = np.random.default_rng(0)
        questions, events = FOLDER / "questions.jsonl", FOLDER / "events.jsonl"
        write_questions(self.dataset, self.history, questions, rng)
        write_single_events(self.dataset, events, 50_000, rng)
        return [
            Stream("recommend", "/v1/recommend", self.options.recommend_rate, questions),
            Stream("single events", "/v1/events", self.options.event_rate, events),
        ]

    def _row(self, load: str, metric: str, value: float) -> Row:
        """Print and return one figure."""
        print(f"{load}: {metric} {value:.5g}", flush=True)
        return self.occasion.row(
            metric,
            value,
            dataset="synthetic" if self.options.data is None else "ml-1m",
            protocol=f"SASRec on {self.dataset.n_items:,} items, "
            f"{os.cpu_count()} cores shared with the generator",
            method=load,
        )


def _options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench-serve", description=__doc__)
    add = parser.add_argument
    folder = os.environ.get("COADAPT_DATA")
    add("--data", type=Path, default=folder, help="folder of ml-1m; without it made-up data")
    add("--run", help="a SASRec run on the same data; without it one is trained")
    add("--runs", type=Path, default=FOLDER / "runs", help="folder of runs")
    add("--train-cpu-seconds", type=float, default=60.0, help="processor time of that training")
    add("--events", type=int, default=1_000_000, help="events of history to load")
    add("--seconds", type=int, default=60, help="seconds at the fixed rate")
    add("--recommend-rate", type=float, default=200.0, help="questions a second")
    add("--event-rate", type=float, default=300.0, help="single events a second")
    results = BENCHMARKS / "results" / "serve.json"
    add("--results", type=Path, default=results, help="results file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CoadaptError as error:
        raise SystemExit(error.message) from None
