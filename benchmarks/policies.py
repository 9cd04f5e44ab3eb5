"""Measure off-policy estimates: does a policy earn what was forecast from another one's slates?

Each shop is made up from a seed. Writes benchmarks/results/policies.json.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from contest.rows import Occasion, keep_rows
from policies.figures import judged_rows
from policies.trial import hold_trial
from report import write_page

RESULTS = Path(__file__).resolve().parent / "results"


def main(arguments: list[str]) -> None:
    """Hold a trial a seed, and lay out all that was found."""
    options = _options(arguments)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    occasion = Occasion.now("policies", "bench-policies", arguments)
    for seed in range(options.seeds):
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            for judged in hold_trial(Path(folder), options.slates, options.searcher, seed):
                seconds = time.monotonic() - began
                rows = judged_rows(occasion, judged, options.slates, seed, seconds)
                keep_rows(rows, options.results)
                told = {how: f"{each.reward.value:.4f}" for how, each in judged.forecasts.items()}
                print(f"shop {seed}, {judged.name}: {told}, let loose {judged.loose.value:.4f}")
    write_page(RESULTS, RESULTS.parents[1] / "docs")


def _options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench-policies", description=__doc__)
    add = parser.add_argument
    add("--seeds", type=int, default=5, help="shops")
    add("--slates", type=int, default=10_000, help="slates of each policy")
    add("--searcher", default="mlboa", help="who tunes")
    add("--results", type=Path, default=RESULTS / "policies.json", help="results file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
