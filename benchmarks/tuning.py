"""Measure searchers on problems with known optima: who comes nearer with as many evaluations?

Rivals are Optuna's samplers at their defaults, in the same run. What was played is kept in
benchmarks/results/tuning-cells.csv and never played again; figures go to
benchmarks/results/tuning.json.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from contest.arguments import names
from contest.rows import Occasion, keep_rows
from report import write_page
from rich.progress import track
from tuning.cells import Cell, Cells, Played, all_cells
from tuning.figures import contest_rows
from tuning.playing import SAMPLERS, play
from tuning.problems import contest_problems

BENCHMARKS = Path(__file__).resolve().parent
RESULTS = BENCHMARKS / "results"
OURS = "mlboa"


def main(arguments: list[str]) -> None:
    """Play what is missing, then judge all that was played."""
    options = _options(arguments)
    problems = {problem.name: problem for problem in contest_problems()}
    chosen = options.problems or [*problems]
    cells = Cells(options.cells)
    missing = cells.missing(all_cells(chosen, options.searchers or [*SAMPLERS], options.seeds))
    _play_all(missing, cells, options.jobs)
    cells.tidy()
    occasion = Occasion.now("tuning", "bench-tuning", arguments)
    ranges = {name: problem.range for name, problem in problems.items()}
    keep_rows(contest_rows(occasion, cells.read(), ranges, OURS), options.results)
    write_page(RESULTS, BENCHMARKS.parent / "docs")


def _play_all(missing: Sequence[Cell], cells: Cells, n_jobs: int) -> None:
    """Play cells in processes of their own and keep each as soon as it is done."""
    os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    with ProcessPoolExecutor(n_jobs, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(_play_one, cell) for cell in missing]
        for future in track(as_completed(waiting), "playing", total=len(waiting)):
            cells.add(future.result())


def _play_one(cell: Cell) -> Played:
    """Play one cell in a process whose libraries use one thread."""
    problem = next(each for each in contest_problems() if each.name == cell.problem)
    return play(problem, cell, SAMPLERS[cell.searcher])


def _options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench-tuning", description=__doc__)
    add = parser.add_argument
    add("--problems", type=names, default=[], help="by default all")
    add("--searchers", type=names, default=[], help="by default all")
    add("--seeds", type=int, default=20, help="studies a cell")
    add("--jobs", type=int, default=os.cpu_count(), help="studies at once")
    add("--cells", type=Path, default=RESULTS / "tuning-cells.csv", help="what was played")
    add("--results", type=Path, default=RESULTS / "tuning.json", help="results file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
