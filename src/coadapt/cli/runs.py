"""`coadapt runs`: which runs there are, and the card of one."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from coadapt.cli._options import DEFAULT_RUNS, JsonOption, RunsOption, find_run, open_runs
from coadapt.cli._screen import print_table, screen

app = typer.Typer()


@app.command(name="runs")
def command(
    run: Annotated[str | None, typer.Argument(help="Show this run's card.")] = None,
    runs: RunsOption = DEFAULT_RUNS,
    *,
    as_json: JsonOption = False,
) -> None:
    """List runs and show a run's card."""
    store = open_runs(runs)
    if run is not None:
        run_id = find_run(store, run, kind=None)
        if as_json:
            print(json.dumps(asdict(store.manifest(run_id))))
        else:
            print(store.open(run_id)["card.md"].read_text(encoding="utf-8"))
        return
    manifests = store.runs()
    if as_json:
        print(json.dumps([asdict(manifest) for manifest in manifests]))
        return
    if not manifests:
        screen.print(f"no runs in {runs}; make one: coadapt train configs/synthetic.toml")
        return
    rows = [
        (each.run_id, each.name, f"{each.n_items:,}", f"{each.seconds:.1f}") for each in manifests
    ]
    print_table(f"runs in {runs}", ("run", "method", "items", "seconds"), rows)
