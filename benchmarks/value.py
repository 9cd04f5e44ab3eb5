"""Measure forecasts of what customers spend in 30 days, at cut-offs, one model beside the other.

Each model chooses its settings at the cut-off 30 days earlier and is scored once. Writes
benchmarks/results/value.json.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import torch
from contest.arguments import names, numbers
from contest.rows import Occasion, Row, keep_rows
from forecasts.ablation import ablation_rows, two_hop_rows
from forecasts.anchor import anchor_rows
from forecasts.figures import difference_rows, mean_rows, turn_rows
from forecasts.plan import Contender, Field, Plan, instant_of
from forecasts.streaming import N_MEMBERS, streaming_rows
from forecasts.turn import Turn, take_turn
from report import write_page

from coadapt.data.stream import Stream
from coadapt.domain.errors import CoadaptError

BENCHMARKS = Path(__file__).resolve().parent
PROTOCOL = "net spend in 30 days, customers known before the cut-off"
SHOWN = ("crps", "gini", "total_ratio", "mae")


def main(arguments: list[str]) -> None:
    """Run the contests that the arguments ask for."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    plan = Plan.read(BENCHMARKS / "forecasts.toml")
    occasion = Occasion.now("value", "bench-value", arguments)
    if options.streaming:
        for n_members in N_MEMBERS:
            keep_rows(streaming_rows(occasion, n_members), options.results)
    contenders = [plan.contenders[name] for name in options.models or plan.contenders]
    keep_rows(anchor_rows(occasion, plan.anchor, options.data), options.results)
    for name in options.datasets or plan.fields:
        if options.ablations or options.two_hops:
            _ablate(plan.fields[name], occasion, options)
        else:
            _contest(plan.fields[name], contenders, occasion, options)
    write_page(BENCHMARKS / "results", BENCHMARKS.parent / "docs")


def _contest(
    field: Field, contenders: list[Contender], occasion: Occasion, options: argparse.Namespace
) -> None:
    """Play one data set, cut-off by cut-off, and keep the rows as soon as they are there."""
    stream = field.read(options.data)
    print(f"{field.name}: {len(stream)} events of {stream.n_users} customers", flush=True)
    facts = {"protocol": PROTOCOL, "budget": f"{options.threads} thread"}
    all_turns = []
    for day in field.cutoffs:
        turns = _play(stream, day, contenders, options.seeds)
        all_turns.append(turns)
        rows = _rows(occasion, {**facts, "dataset": f"{field.name} {day}"}, turns, options.ours)
        keep_rows(rows, options.results)
    facts["dataset"] = field.name
    keep_rows(mean_rows(occasion, facts, all_turns), options.results)
    if options.ours in all_turns[0]:
        keep_rows(difference_rows(occasion, facts, all_turns, options.ours), options.results)


def _ablate(field: Field, occasion: Occasion, options: argparse.Namespace) -> None:
    """Score DUVE without one part after another on one data set."""
    stream = field.read(options.data)
    for day in field.cutoffs:
        print(f"{field.name} {day}, ablations", flush=True)
        facts = {"protocol": PROTOCOL, "dataset": f"{field.name} {day}"}
        ablate = two_hop_rows if options.two_hops else ablation_rows
        keep_rows(
            ablate(occasion, facts, stream, instant_of(day), options.seeds[0]), options.results
        )


def _play(
    stream: Stream, day: date, contenders: list[Contender], seeds: list[int]
) -> dict[str, Turn]:
    """Let everybody forecast from one day on."""
    turns = {}
    for contender in contenders:
        turn = take_turn(contender, stream, instant_of(day), seeds)
        turns[contender.name] = turn
        for seed, evaluated in turn.by_seed.items():
            figures = evaluated.figures()
            shown = ", ".join(f"{name} {getattr(figures, name):.4g}" for name in SHOWN)
            print(f"  {day} {contender.name}, seed {seed}: {shown} {turn.setting}", flush=True)
    return turns


def _rows(
    occasion: Occasion, facts: dict[str, str], turns: dict[str, Turn], ours: str
) -> Iterator[Row]:
    """Yield the rows of one cut-off."""
    for name, turn in turns.items():
        yield from turn_rows(occasion, {**facts, "method": name}, turn)
    if ours in turns:
        yield from difference_rows(occasion, facts, [turns], ours)


def _options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line. Raises SystemExit."""
    parser = argparse.ArgumentParser(prog="make bench-value", description=__doc__)
    add = parser.add_argument
    folder = os.environ.get("COADAPT_DATA")
    add("--data", type=Path, default=folder, help="folder of the data sets")
    add("--datasets", type=names, default=[], help="cdnow,uci-online-retail; by default both")
    add("--models", type=names, default=[], help="by default all of forecasts.toml")
    add("--ours", default="duve", help="the model whose differences from the others are measured")
    add("--seeds", type=numbers, default=[0, 1, 2], help="for networks; others use the first")
    add("--ablations", action="store_true", help="take parts of duve away instead of a contest")
    add("--two-hops", action="store_true", help="graph attention over two hops, no summaries")
    add("--streaming", action="store_true", help="measure how fast events move a forecast as well")
    add("--threads", type=int, default=1, help="threads of everybody")
    add("--results", type=Path, default=BENCHMARKS / "results" / "value.json", help="results file")
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("name the data folder by --data or set COADAPT_DATA")
    return options


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CoadaptError as error:
        raise SystemExit(error.message) from None
