"""`coadapt compare RUN RUN …`: is one run really better than another?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from coadapt.cli._options import (
    DEFAULT_RUNS,
    DataOption,
    DataRootOption,
    JsonOption,
    RunsOption,
    find_run,
    open_runs,
    surroundings,
)
from coadapt.cli._screen import print_table, progress_bar, screen
from coadapt.domain.errors import InvalidInputError
from coadapt.evaluation.comparison import Difference, compare
from coadapt.training.judging import judge_run, same_basis

app = typer.Typer()


@app.command(name="compare")
def command(
    run: Annotated[
        list[str],
        typer.Argument(help="Runs (ids, parts of them, latest:METHOD); first: reference."),
    ],
    metric: Annotated[
        list[str] | None, typer.Option(help="Metric to compare, such as ndcg@10; repeatable.")
    ] = None,
    data: DataOption = None,
    data_root: DataRootOption = None,
    runs: RunsOption = DEFAULT_RUNS,
    *,
    as_json: JsonOption = False,
) -> None:
    """Compare runs on the same test events, pair by pair."""
    if len(run) < 2:
        raise InvalidInputError("name at least two runs to compare", field="run")
    store = open_runs(runs)
    names = [find_run(store, name) for name in run]
    with progress_bar("reading") as progress:
        facts = surroundings(data_root, progress)
        judged = [judge_run(store, name, facts, "test", data) for name in names]
    same_basis(judged)
    reference = judged[0]
    results = {
        other.run_id: compare(reference.evaluation, other.evaluation, metric)
        for other in judged[1:]
    }
    if as_json:
        print(json.dumps({name: [asdict(d) for d in found] for name, found in results.items()}))
        return
    for name, differences in results.items():
        _report(reference.run_id, name, differences)


def _report(first: str, second: str, differences: list[Difference]) -> None:
    """Print how the second run differs from the first."""
    rows = [
        (
            each.metric,
            f"{each.first:.4f}",
            f"{each.second:.4f}",
            f"{each.difference:+.4f}",
            f"{each.low:+.4f} to {each.high:+.4f}",
            f"{each.p_sign_flip:.4f}",
            f"{each.p_holm:.4f}",
        )
        for each in differences
    ]
    columns = ("metric", "first", "second", "difference", "95 % interval", "p", "p (Holm)")
    print_table(f"{second}\nagainst {first}", columns, rows)
    if differences:
        screen.print(
            f"{differences[0].n_users:,} users, paired; p by sign flips, corrected over metrics.\n"
        )
