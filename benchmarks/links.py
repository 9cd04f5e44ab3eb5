"""Measure the temporal encoder on Wikipedia: which page does an editor turn to next?

TGB's tgbl-wiki-v2 with the encoder of value/duve.py. Each seed chooses its epoch by validation and
is tested once. Writes benchmarks/results/value.json.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch
from contest.arguments import numbers
from contest.rows import Occasion, keep_rows, read_rows
from contest.scoring import published_rows
from links.edits import number_edits
from links.figures import (
    ablation_row,
    edge_bank_row,
    mean_rows,
    told,
    told_half_lives,
    told_together,
    trial_rows,
)
from links.lesson import Settings
from links.protocol import DATASET, Log, edge_bank, read_log, split
from links.training import Teacher
from links.trial import case_of, hold_trial
from links.variants import ABLATION_EPOCHS, ABLATIONS, FULL

BENCHMARKS = Path(__file__).resolve().parent


def main(arguments: list[str]) -> None:
    """Run what the arguments ask for."""
    options = _options(arguments)
    torch.set_num_threads(1)
    occasion = Occasion.now("value", "bench-links", arguments)
    log = read_log(options.data)
    _measure_rivals(log, occasion, options.results)
    if options.ablations:
        _measure_ablations(log, occasion, options)
    else:
        _measure_seeds(log, occasion, options)


def _measure_rivals(log: Log, occasion: Occasion, results: Path) -> None:
    """Check the protocol by EdgeBank, and note what others publish."""
    ranks = edge_bank(log, split(log.times).test)
    _say(f"EdgeBank: test MRR {ranks.mean():.4f}; published .495")
    published = published_rows(occasion, BENCHMARKS / "published.toml", DATASET)
    keep_rows([edge_bank_row(occasion, ranks), *published], results)


def _measure_seeds(log: Log, occasion: Occasion, options: argparse.Namespace) -> None:
    """Teach and test the full model, seed by seed."""
    edits = number_edits(log)
    cases = case_of(edits)
    teacher = Teacher(edits, split(log.times), Settings(max_epochs=options.epochs), _say)
    trials = []
    for seed in options.seeds:
        trials.append(hold_trial(teacher, FULL, seed))
        _say(told(trials[-1], cases))
        _say(told_half_lives(trials[-1]))
        keep_rows(trial_rows(occasion, trials[-1], cases), options.results)
        keep_rows(mean_rows(read_rows(options.results)), options.results)
    _say(told_together(trials))


def _measure_ablations(log: Log, occasion: Occasion, options: argparse.Namespace) -> None:
    """Teach and test every variant with the first seed, equally long."""
    edits = number_edits(log)
    cases = case_of(edits)
    teacher = Teacher(edits, split(log.times), Settings(max_epochs=ABLATION_EPOCHS), _say)
    wanted = [variant for variant in ABLATIONS if options.only in variant.name]
    for variant in wanted:
        trial = hold_trial(teacher, variant, options.seeds[0])
        _say(told(trial, cases))
        keep_rows([ablation_row(occasion, trial)], options.results)


def _say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)


def _options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line. Raises SystemExit."""
    parser = argparse.ArgumentParser(prog="make bench-links", description=__doc__)
    add = parser.add_argument
    folder = os.environ.get("COADAPT_DATA")
    add("--data", type=Path, default=folder, help="folder of the data sets")
    add("--seeds", type=numbers, default=[0, 1, 2], help="by default 0,1,2")
    add("--epochs", type=int, default=Settings().max_epochs, help="for the full model")
    add("--ablations", action="store_true", help="measure variants instead, with the first seed")
    add("--only", default="", help="of the variants, those whose name holds this")
    add("--results", type=Path, default=BENCHMARKS / "results" / "value.json", help="results file")
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("name the data folder by --data or set COADAPT_DATA")
    return options


if __name__ == "__main__":
    main(sys.argv[1:])
