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
from tuning.arenas import arena, real_arenas, synthetic_arenas
from tuning.cells import Cell, Cells, Played, all_cells
from tuning.figures import REAL, SYNTHETIC, contest_rows
from tuning.playing import SAMPLERS, play
from tuning.tables import all_pairs, build_table

BENCHMARKS = Path(__file__).resolve().parent
RESULTS = BENCHMARKS / "results"
OURS = "mlboa"


def main(arguments: list[str]) -> None:
    """Play what is missing, then judge all that was played."""
    options = _options(arguments)
    if options.tables:
        _build_tables(options.table_folder)
    groups = {SYNTHETIC: synthetic_arenas(), REAL: real_arenas(options.table_folder)}
    arenas = {**groups[SYNTHETIC], **groups[REAL]}
    cells = Cells(options.cells)
    wanted = all_cells(
        options.problems or [*arenas], options.searchers or [*SAMPLERS], options.seeds
    )
    _play_all(cells.missing(wanted), cells, options)
    cells.tidy()
    occasion = Occasion.now("tuning", "bench-tuning", arguments)
    everything = cells.read()
    for title, group in groups.items():
        ranges = {name: each.range for name, each in group.items()}
        played = [each for each in everything if each.problem in ranges]
        keep_rows(contest_rows(occasion, title, played, ranges, OURS), options.results)
    write_page(RESULTS, BENCHMARKS.parent / "docs")


def _build_tables(folder: Path) -> None:
    """Measure what is missing of the models' tables."""
    for pair in all_pairs():
        for _ in track(build_table(pair, folder), pair.name, total=None):
            pass


def _play_all(missing: Sequence[Cell], cells: Cells, options: argparse.Namespace) -> None:
    """Play cells in processes of their own and keep each as soon as it is done."""
    os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(_play_one, cell, options.table_folder) for cell in missing]
        for future in track(as_completed(waiting), "playing", total=len(waiting)):
            cells.add(future.result())


def _play_one(cell: Cell, table_folder: Path) -> Played:
    """Play one cell in a process whose libraries use one thread."""
    return play(arena(cell.problem, table_folder), cell, SAMPLERS[cell.searcher])


def _options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench-tuning", description=__doc__)
    add = parser.add_argument
    add("--problems", type=names, default=[], help="by default all")
    add("--searchers", type=names, default=[], help="by default all")
    add("--seeds", type=int, default=20, help="studies a cell")
    add("--tables", action="store_true", help="first measure what is missing of models' tables")
    add("--table-folder", type=Path, default=RESULTS / "tuning-tables", help="models' tables")
    add("--jobs", type=int, default=os.cpu_count(), help="studies at once")
    add("--cells", type=Path, default=RESULTS / "tuning-cells.csv", help="what was played")
    add("--results", type=Path, default=RESULTS / "tuning.json", help="results file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
