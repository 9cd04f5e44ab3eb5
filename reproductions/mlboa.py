"""Measure an LSTM of users' interactions beside others, as a published study of its tuning did.

Writes reproductions/results/mlboa.json; what is there already is not measured again. With --tune,
looks for a better LSTM instead, and writes it where --tuned takes it; with --table, builds a table
of settings and learning curves for tuners to replay. Needs `benchmarks` on the path of modules:
`make reproduce-mlboa` sets it.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from functools import partial
from pathlib import Path

import torch
from contest.arguments import names
from contest.rows import Occasion, keep_rows, read_rows
from mlboa.contenders import Contender, Setting, contenders
from mlboa.features import EncoderConfig
from mlboa.figures import draw_figures
from mlboa.mixing import MIXES, Reviews, mix_examples
from mlboa.page import write_page
from mlboa.rows import Standing, measured_rows
from mlboa.table import N_EPOCHS, TablePlan, build_table
from mlboa.tables import all_tables
from mlboa.task import Task, play
from mlboa.tuning import Budget, tune
from mlboa.wording import Sentiment

from coadapt.domain.errors import CoadaptError
from coadapt.domain.resources import Resources
from coadapt.tuning.trials import Outcome

RESULTS = Path(__file__).resolve().parent / "results"
TABLE = RESULTS / "lstm-settings.csv"
PROTOCOL = "decision 12; users 70:15:15, test scored once"
FIRST_SEED = 1
"""Seed 0 was looked at while the task was built, and is the table's."""


def main(arguments: list[str]) -> None:
    """Measure what is missing, then print tables and draw figures of all that was measured."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    plan = TablePlan(options.data, options.epochs or N_EPOCHS, options.limit)
    if options.table:
        build_table(options.table_file, options.table, plan, options.jobs)
        return
    if options.tune:
        _tune(plan, options)
        return
    occasion = Occasion.now("mlboa", "reproduce-mlboa", arguments)
    for mix in options.mix:
        dataset = _dataset(mix, options)
        _measure(mix, dataset, occasion, options)
        standing = Standing(read_rows(options.results), dataset)
        print(all_tables(standing, dataset))
        for path in draw_figures(standing, dataset, options.results.parent):
            print(f"drew {path.name}")
    print(f"wrote {write_page(options.results).name}")


def _tune(plan: TablePlan, options: argparse.Namespace) -> None:
    """Look for a better setting, and write the best."""
    folder = options.results.parent
    budget = Budget(options.trials, options.seconds)
    setting = tune(options.tune, plan, budget, folder / f"study-{options.tune}", _tell)
    path = folder / f"tuned-{options.tune}.toml"
    setting.write(path, f"The best of a study by {options.tune}, by validation accuracy on seed 0.")
    print(f"wrote {path.name}")


def _tell(outcome: Outcome, best: Outcome | None) -> None:
    """Print how a trial went."""
    shown = [1 - each.value if each and each.value is not None else 0 for each in (outcome, best)]
    print(
        f"  trial {outcome.trial.number}: {outcome.state}, {shown[0]:.4f} after "
        f"{len(outcome.curve)} epochs, {outcome.seconds:.0f} s; best so far {shown[1]:.4f}",
        flush=True,
    )


def _measure(mix: str, dataset: str, occasion: Occasion, options: argparse.Namespace) -> None:
    """Play every missing method and seed of one mix, and keep its rows at once."""
    limited = MIXES[mix].limited(options.limit)
    reviews = Reviews.read(options.data, limited)
    sentiment = Sentiment()
    shared = {"protocol": PROTOCOL, "budget": f"{options.threads} thread"}
    for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
        missing = _missing(dataset, seed, options)
        divided = mix_examples(limited, reviews, seed) if missing else None
        tasks: dict[EncoderConfig, Task] = {}
        for name, (encoder, make) in missing.items():
            if encoder not in tasks:
                tasks[encoder] = Task.encode(divided, encoder, sentiment, seed)
            report = partial(_report, f"{dataset}, {name}, seed {seed}")
            measured = play(make(), tasks[encoder], Resources(seed=seed, report=report))
            accuracy, seconds = measured.figures["accuracy"], measured.seconds
            print(f"  {name}, seed {seed}: {accuracy:.4f}, {seconds:.1f} s")
            facts = {"dataset": dataset, "method": name, "seed": seed, **shared}
            keep_rows(measured_rows(occasion, facts, measured), options.results)


def _missing(dataset: str, seed: int, options: argparse.Namespace) -> dict[str, Contender]:
    """Return the wanted methods that were not measured with this seed."""
    tuned = Setting.read(options.tuned) if options.tuned else None
    all_of_them = contenders(options.epochs, tuned)
    unknown = {*options.models} - all_of_them.keys()
    if unknown:
        raise CoadaptError(f"no model {min(unknown)!r}; there are: {', '.join(all_of_them)}")
    standing = Standing(read_rows(options.results), dataset)
    wanted = options.models or all_of_them
    return {
        name: all_of_them[name] for name in wanted if options.again or not standing.has(name, seed)
    }


def _dataset(mix: str, options: argparse.Namespace) -> str:
    """Return under which name a mix is kept; a short run never takes the place of a full one."""
    shortened = [
        f"{value} {unit}"
        for value, unit in ((options.limit, "examples"), (options.epochs, "epochs"))
        if value is not None
    ]
    return ", ".join([mix, *shortened])


def _report(title: str, epoch: int, loss: float, accuracy: float | None) -> None:
    """Print an epoch."""
    print(f"    {title}, epoch {epoch}: loss {loss:.4f}, validation {accuracy:.4f}", flush=True)


def _options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line. Raises SystemExit."""
    parser = argparse.ArgumentParser(prog="make reproduce-mlboa", description=__doc__)
    add = parser.add_argument
    folder = os.environ.get("COADAPT_DATA")
    add("--data", type=Path, default=folder and Path(folder), help="folder of the data sets")
    add("--seeds", type=int, default=5, help="how many, from 1 on")
    add("--mix", type=names, default=[*MIXES], help=f"of {', '.join(MIXES)}; by default all")
    add("--models", type=names, default=[], help="by default all")
    add(
        "--tuned",
        type=Path,
        help="TOML with [encoder] and [lstm]: adds the tuned LSTM; --again for new ones",
    )
    add("--epochs", type=int, help="of every network, in place of its own number")
    add("--limit", type=int, help="about so many examples, for a short look")
    add("--again", action="store_true", help="measure also what is there already")
    add("--threads", type=int, default=1, help="threads of everybody")
    add("--results", type=Path, default=RESULTS / "mlboa.json", help="results file")
    add("--tune", metavar="SEARCHER", help="let a searcher look for a better LSTM instead")
    add("--trials", type=int, default=30, help="how many settings it may try")
    add("--seconds", type=float, default=math.inf, help="processor seconds its trials may take")
    add("--table", type=int, default=0, help="build the table of so many settings instead")
    add("--table-file", type=Path, default=TABLE, help="the table")
    add("--jobs", type=int, default=1, help="settings of the table trained at once")
    options = parser.parse_args(arguments)
    if options.table and options.limit is not None and options.table_file == TABLE:
        parser.error("--limit shortens every setting: name another --table-file for it")
    unknown = {*options.mix} - MIXES.keys()
    if unknown or options.data is None:
        parser.error(f"no mix {min(unknown)}" if unknown else "name --data or set COADAPT_DATA")
    return options


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CoadaptError as error:
        raise SystemExit(error.message) from None
