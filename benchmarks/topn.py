"""Measure accuracy, speed and memory of top-N recommendation, ours beside the peers, in one run.

Writes benchmarks/results/topn.json and the page that report.py makes of it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from contest.arguments import names, numbers
from contest.dividing import divide
from contest.environments import python_of
from contest.play import Job
from contest.referee import contend
from contest.roster import Contest, Player, Roster
from contest.rows import Occasion, Row, keep_rows
from contest.scoring import Entry, over_seeds, published_rows, rows_of
from contest.split import Split
from report import write_page

from coadapt.domain.errors import CoadaptError

BENCHMARKS = Path(__file__).resolve().parent
ROOT = BENCHMARKS.parent
BENCH = ROOT / ".bench"


def main(arguments: list[str]) -> None:
    """Run the contests that the arguments ask for."""
    options = _options(arguments)
    roster = Roster.read(BENCHMARKS / "settings.toml")
    occasion = Occasion.now("topn", "bench-topn", arguments)
    _check_names(options, roster)
    for dataset in options.datasets:
        contest = roster.contest(dataset, options.methods, with_peers=options.peers)
        keep_rows(published_rows(occasion, BENCHMARKS / "published.toml", dataset), options.results)
        _Ring(contest, roster, occasion, options).play()
    write_page(BENCHMARKS / "results", ROOT / "docs")


@dataclass(frozen=True)
class _Ring:
    """Play one data set's contest and keep the rows of each contender as soon as it is done."""

    contest: Contest
    roster: Roster
    occasion: Occasion
    options: argparse.Namespace

    def play(self) -> None:
        """Divide the data once, then let everybody play."""
        path = BENCH / "splits" / f"{self.contest.dataset}.npz"
        config = ROOT / "configs" / self.contest.any_config
        split = divide(config, self.options.data, path)
        print(
            f"{self.contest.dataset}: {len(split.fit)} users, {split.n_items} items, "
            f"{len(split.fit.items)} events to learn from, {len(split.test.pasts)} test users",
            flush=True,
        )
        for player in self.contest.players:
            rows = [row for seed in self._seeds(player) for row in self._turn(player, split, seed)]
            keep_rows([*rows, *over_seeds(rows)], self.options.results)

    def _seeds(self, player: Player) -> list[int]:
        """Return the seeds: several for networks of ours, one for everybody else."""
        is_our_network = player.has_epochs and not player.is_peer
        seeds: list[int] = self.options.seeds if is_our_network else self.options.seeds[:1]
        return seeds

    def _turn(self, player: Player, split: Split, seed: int) -> Iterator[Row]:
        """Let one contender play with one seed and yield its rows."""
        print(f"{player.name}, seed {seed}", flush=True)
        environment = player.environment
        steps = self.roster.install_steps(environment) if player.is_peer else []
        python = python_of(environment, steps, BENCH)
        outcome = contend(player, python, self._job(player, seed), self._folder(seed))
        label = f" ({self.options.label})" if self.options.label and not player.is_peer else ""
        threads = f"{self.options.threads} thread" + "s" * (self.options.threads > 1)
        budget = f"{self.options.budget:g} CPU s, {threads}" if player.has_epochs else threads
        facts = {
            "dataset": self.contest.dataset,
            "protocol": self.contest.protocol,
            "method": f"{player.name}{label}",
            "seed": seed,
            "budget": budget,
            "peer": player.is_peer,
        }
        entry = Entry(self.occasion, player, facts)
        for row in rows_of(entry, outcome, split.test.targets.offsets, self.options.goal):
            if row["metric"] in SHOWN:
                print(f"  {player.name}: {row['metric']} {row['value']:.5g}", flush=True)
            yield row

    def _folder(self, seed: int) -> Path:
        """Return where jobs and logs go."""
        label = f"-{self.options.label.replace(' ', '-')}" if self.options.label else ""
        folder = BENCH / "jobs" / f"{self.contest.dataset}-seed-{seed}{label}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _job(self, player: Player, seed: int) -> Job:
        """Return what a contender is told."""
        config = (self.options.config or ROOT / "configs" / player.config).resolve()
        job = Job(
            split=str(BENCH / "splits" / f"{self.contest.dataset}.npz"),
            method=player.method,
            mode="final",
            part=self.contest.part,
            settings=list(player.settings),
            config="" if player.is_peer else str(config),
            seed=seed,
            n_threads=self.options.threads,
            budget_cpu_s=self.options.budget,
        )
        if player.is_peer:
            return replace(job, until=self.options.goal if self.options.stop_peers else None)
        overridden = [{**setting, **self.options.option} for setting in player.settings]
        return replace(job, settings=overridden, patience=self.options.patience)


SHOWN = {
    "hr@10",
    "ndcg@10",
    "precision@10",
    "train_seconds",
    "train_cpu_seconds",
    "users_per_cpu_second",
    "peak_rss_mb",
}


def _check_names(options: argparse.Namespace, roster: Roster) -> None:
    """Refuse names that do not exist. Raises SystemExit."""
    for option, known in (("datasets", roster.datasets), ("methods", roster.methods)):
        unknown = set(getattr(options, option)) - set(known)
        if unknown:
            raise SystemExit(f"--{option}: unknown name; there are: {', '.join(known)}")


def _options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line. Raises SystemExit."""
    parser = argparse.ArgumentParser(prog="make bench-topn", description=__doc__)
    add = parser.add_argument
    folder = os.environ.get("COADAPT_DATA")
    add("--data", type=Path, default=folder, help="folder of the data sets, or one of them")
    add("--datasets", type=names, default=["ml-1m", "lastfm-2k"], help="ml-1m,lastfm-2k")
    add("--methods", type=names, default=[], help="our methods, by default all; peers come along")
    add("--seeds", type=numbers, default=[0, 1, 2], help="for our networks; others use the first")
    add("--threads", type=int, default=1, help="threads of everybody")
    add("--budget", type=float, default=700.0, help="processor seconds of a network")
    add("--goal", type=float, default=0.143, help="NDCG@10 whose time is noted")
    add("--stop-peers", action="store_true", help="end a peer's network at the goal")
    add("--no-peers", dest="peers", action="store_false", help="measure ours alone")
    add("--config", type=Path, help="another config for our method")
    add("--option", type=_assignment, action="append", default=[], help="NAME=VALUE of our method")
    add("--patience", type=int, default=8, help="epochs of ours without improvement")
    add("--label", default="", help="put behind our methods' names")
    add("--results", type=Path, default=BENCHMARKS / "results" / "topn.json", help="results file")
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("name the data folder by --data or set COADAPT_DATA")
    options.option = dict(options.option)
    return options


def _assignment(text: str) -> tuple[str, Any]:
    """Read NAME=VALUE, the value as JSON where it is JSON."""
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CoadaptError as error:
        raise SystemExit(error.message) from None
