"""`coadapt recommend RUN`: what a run would show a user, or after a history."""

from __future__ import annotations

import json
from typing import Annotated, Any

import numpy as np
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
from coadapt.cli._screen import print_table, progress_bar
from coadapt.data.batches import Histories, Ranking
from coadapt.data.dataset import Dataset
from coadapt.data.log import row_of_person
from coadapt.domain.errors import InvalidInputError, NotFoundError
from coadapt.training.judging import open_with_data
from coadapt.training.load import LoadedRecommender, load_recommender

app = typer.Typer()


@app.command(name="recommend")
def command(
    run: RunArgument,
    user: Annotated[str | None, typer.Option(help="A user of the run's data.")] = None,
    history: Annotated[
        str | None, typer.Option(help="Item ids, oldest first, separated by commas.")
    ] = None,
    *,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many items.")] = 10,
    data: DataOption = None,
    data_root: DataRootOption = None,
    runs: RunsOption = DEFAULT_RUNS,
    as_json: JsonOption = False,
) -> None:
    """Print recommendations of a run for a user or a history."""
    store = open_runs(runs)
    run = find_run(store, run)
    if (user is None) == (history is None):
        raise InvalidInputError("give either --user or --history", field="user")
    titles: dict[str, str] = {}
    if history is not None:
        loaded = load_recommender(store, run)
        past = _past_of_items(history, loaded)
    else:
        with progress_bar("reading") as progress:
            loaded, prepared = open_with_data(store, run, surroundings(data_root, progress), data)
        past = _past_of_user(str(user), prepared.dataset)
        titles = _titles(prepared.dataset)
    _report(loaded, loaded.recommender.top(past, count), titles, as_json=as_json)


def _past_of_items(history: str, loaded: LoadedRecommender) -> Histories:
    """Return a history of item ids. Raises NotFoundError for one the run does not know."""
    ids = [item for item in history.split(",") if item]
    rows = loaded.vocabulary.rows(ids)
    if len(rows) and (rows < 0).all():
        raise NotFoundError("the run knows none of these items", field="history")
    return Histories.from_rows([rows])


def _past_of_user(user: str, dataset: Dataset) -> Histories:
    """Return a user's events. Raises NotFoundError."""
    row = row_of_person(dataset.user_ids, user)
    if row < 0:
        raise NotFoundError("the run's data has no such user", field="user")
    return dataset.histories(np.array([row]))


def _titles(dataset: Dataset) -> dict[str, str]:
    """Return each item's title where the data has one."""
    table = dataset.item_table
    if table is None or "title" not in table.columns:
        return {}
    pairs = table.select("item_id", "title").drop_nulls()
    return dict(zip(pairs["item_id"].to_list(), pairs["title"].to_list(), strict=True))


def _report(
    loaded: LoadedRecommender, ranking: Ranking, titles: dict[str, str], *, as_json: bool
) -> None:
    """Print the items with their scores."""
    ids = loaded.vocabulary.ids
    items: list[dict[str, Any]] = [
        {"position": place, "item_id": ids[row], "score": float(score)}
        for place, (row, score) in enumerate(
            zip(ranking.rows[0], ranking.scores[0], strict=True), 1
        )
        if row >= 0
    ]
    if as_json:
        print(json.dumps({"run": loaded.manifest.run_id, "items": items}))
        return
    rows = [
        (
            str(item["position"]),
            item["item_id"],
            titles.get(item["item_id"], ""),
            f"{item['score']:.4g}",
        )
        for item in items
    ]
    print_table(loaded.manifest.run_id, ("place", "item", "title", "score"), rows)
