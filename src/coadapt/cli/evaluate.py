"""`coadapt evaluate RUN`: how good a run is on events it has never seen."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from coadapt.cli._options import (
    DEFAULT_RUNS,
    DataOption,
    DataRootOption,
    JsonOption,
    RunArgument,
    RunsOption,
    find_run,
    open_runs,
    surroundings,
)
from coadapt.cli._screen import print_table, progress_bar, screen
from coadapt.training.judging import Judgement, judge_run

app = typer.Typer()


@app.command(name="evaluate")
def command(
    run: RunArgument,
    data: DataOption = None,
    data_root: DataRootOption = None,
    runs: RunsOption = DEFAULT_RUNS,
    on: Annotated[
        Literal["test", "validation"], typer.Option(help="Which held-out events.")
    ] = "test",
    *,
    as_json: JsonOption = False,
) -> None:
    """Evaluate a run on its held-out test events."""
    store = open_runs(runs)
    run = find_run(store, run)
    with progress_bar("reading") as progress:
        judgement = judge_run(store, run, surroundings(data_root, progress), on, data)
    if as_json:
        print(json.dumps({"run": run, "part": on, **judgement.evaluation.to_dict()}))
        return
    _report(judgement)


def _report(judgement: Judgement) -> None:
    """Print each metric with its interval."""
    rows = [
        (name, f"{summary.value:.4f}", f"{summary.low:.4f}", f"{summary.high:.4f}")
        for name, summary in judgement.evaluation.summaries.items()
    ]
    title = f"{judgement.part} of {judgement.run_id} (95 % intervals over users)"
    print_table(title, ("metric", "value", "low", "high"), rows)
    if judgement.missed_share > 0:
        screen.print(
            f"{judgement.missed_share:.1%} of the targets are in their user's history and count as "
            'missed: see [preprocessing] deduplicate = "first", or [evaluation] skip_seen = false'
        )
