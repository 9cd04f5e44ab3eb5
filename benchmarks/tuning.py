"""Measure searchers on problems with known optima: who comes nearer with as many evaluations?

Rivals are Optuna's samplers at their defaults, in the same run; on the learning curves of
`make reproduce-mlboa ARGS="--table 256"` also with pruners that stop trials early. What was played
is kept in benchmarks/results and never played again; figures go to benchmarks/results/tuning.json.
Needs `reproductions` on the path of modules: `make bench-tuning` sets it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from contest.arguments import names
from contest.rows import Occasion, keep_rows
from report import write_page
from rich.progress import track
from tuning.arenas import arena, real_arenas, synthetic_arenas
from tuning.cells import Cell, Cells, Played, all_cells
from tuning.curve_cells import CurveCell, CurveCells, Replayed, curve_rows
from tuning.curves import PLAYERS, curve_arena, play_curves
from tuning.figures import REAL, SYNTHETIC, contest_rows
from tuning.playing import SAMPLERS, play
from tuning.tables import all_pairs, build_table

BENCHMARKS = Path(__file__).resolve().parent
RESULTS = BENCHMARKS / "results"
LSTM_TABLE = BENCHMARKS.parent / "reproductions" / "results" / "lstm-settings.csv"
OURS = "mlboa"
CURVES = "curves"

CellT = TypeVar("CellT")
PlayedT = TypeVar("PlayedT")


def main(arguments: list[str]) -> None:
    """Play what is missing, then judge all that was played."""
    options = _options(arguments)
    if options.tables:
        _build_tables(options.table_folder)
    occasion = Occasion.now("tuning", "bench-tuning", arguments)
    _play_problems(occasion, options)
    if CURVES in (options.problems or [CURVES]):
        _play_curves(occasion, options)
    write_page(RESULTS, BENCHMARKS.parent / "docs")


def _play_problems(occasion: Occasion, options: argparse.Namespace) -> None:
    """Play what is missing of functions and models, and judge it."""
    groups = {SYNTHETIC: synthetic_arenas(), REAL: real_arenas(options.table_folder)}
    arenas = {**groups[SYNTHETIC], **groups[REAL]}
    cells = Cells(options.cells)
    problems = [name for name in options.problems or arenas if name != CURVES]
    wanted = all_cells(problems, options.searchers or [*SAMPLERS], options.seeds)
    play_one = partial(_play_one, folder=options.table_folder)
    for played in _in_processes(play_one, cells.missing(wanted), options.jobs):
        cells.add(played)
    cells.tidy()
    everything = cells.read()
    for title, group in groups.items():
        ranges = {name: each.range for name, each in group.items()}
        played = [each for each in everything if each.problem in ranges]
        keep_rows(contest_rows(occasion, title, played, ranges, OURS), options.results)


def _play_curves(occasion: Occasion, options: argparse.Namespace) -> None:
    """Play what is missing of the learning curves, and judge it."""
    arena = curve_arena(options.curves)
    if arena is None:
        print(f"{options.curves} is not complete: the learning curves are left out")
        return
    cells = CurveCells(options.curve_cells)
    play_one = partial(_play_curve, table=options.curves)
    missing = cells.missing(options.searchers or [*PLAYERS], options.seeds)
    for replayed in _in_processes(play_one, missing, options.jobs):
        cells.add(replayed)
    keep_rows(curve_rows(occasion, cells.read()), options.results)


def _build_tables(folder: Path) -> None:
    """Measure what is missing of the models' tables."""
    for pair in all_pairs():
        for _ in track(build_table(pair, folder), pair.name, total=None):
            pass


def _in_processes(
    play_one: Callable[[CellT], PlayedT], missing: Sequence[CellT], n_jobs: int
) -> Iterator[PlayedT]:
    """Play cells in processes of one thread each, and yield each as soon as it is done."""
    os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    with ProcessPoolExecutor(n_jobs, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(play_one, cell) for cell in missing]
        for future in track(as_completed(waiting), "playing", total=len(waiting)):
            yield future.result()


def _play_one(cell: Cell, folder: Path) -> Played:
    """Play one study of a problem."""
    return play(arena(cell.problem, folder), cell, SAMPLERS[cell.searcher])


def _play_curve(cell: CurveCell, table: Path) -> Replayed:
    """Play one study of the learning curves."""
    found = curve_arena(table)
    assert found is not None
    return play_curves(found, *cell)


def _options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench-tuning", description=__doc__)
    add = parser.add_argument
    add("--problems", type=names, default=[], help=f"by default all; {CURVES} are one of them")
    add("--searchers", type=names, default=[], help="by default all")
    add("--seeds", type=int, default=20, help="studies a cell")
    add("--tables", action="store_true", help="first measure what is missing of models' tables")
    add("--table-folder", type=Path, default=RESULTS / "tuning-tables", help="models' tables")
    add("--jobs", type=int, default=os.cpu_count(), help="studies at once")
    add("--cells", type=Path, default=RESULTS / "tuning-cells.csv", help="what was played")
    add("--curves", type=Path, default=LSTM_TABLE, help="table of learning curves")
    add("--curve-cells", type=Path, default=RESULTS / "tuning-curve-cells.csv")
    add("--results", type=Path, default=RESULTS / "tuning.json", help="results file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
