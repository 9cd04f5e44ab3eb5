"""A run on disk becomes a component again, or says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from coadapt.data.batches import Histories
from coadapt.data.dataset import Dataset, Vocabulary
from coadapt.domain.errors import NotFoundError, RunError
from coadapt.domain.resources import Resources
from coadapt.stores.arrays import save_arrays
from coadapt.stores.files import FileRunStore
from coadapt.training.config import parse_run_config
from coadapt.training.load import load_recommender
from coadapt.training.opened_run import OpenedRun

IDS = ["a/b", "🎉", "tea"]
FACTS: Mapping[str, Any] = {
    "kind": "recommender",
    "name": "item_knn",
    "package_version": "0.1",
    "created_at": "2026-11-22T00:00:00Z",
    "seed": 0,
    "dataset_fingerprint": "f",
    "n_items": 3,
}

Keep = Callable[..., str]


@pytest.fixture(scope="module")
def files(make_config) -> dict[str, bytes]:
    """Return the files of a run of popularity over three items."""
    config = make_config("popularity")
    recommender = config.make_recommender()
    recommender.fit(_three_items(), Resources())
    return {
        "run.toml": config.to_toml().encode(),
        "weights.safetensors": save_arrays(recommender.weights()),
        "vocabulary.json": json.dumps(IDS).encode(),
    }


@pytest.fixture
def keep(runs: FileRunStore, files: dict[str, bytes]) -> Keep:
    """Keep a run with some files changed, or left out where the change is None."""

    def keep(changes: Mapping[str, bytes | None] | None = None, **facts: Any) -> str:
        changed = {**files, **(changes or {})}
        left = {name: content for name, content in changed.items() if content is not None}
        return runs.add("run-1", left, {**FACTS, **facts}).run_id

    return keep


def _three_items() -> Dataset:
    items = np.array([0, 1, 1, 2, 2, 2])
    zeros = np.zeros_like(items)
    return Dataset(
        users=zeros,
        items=items,
        types=zeros,
        times=zeros,
        values=np.full(len(items), np.nan),
        user_ids=Vocabulary(["u"]),
        item_ids=Vocabulary(IDS),
        type_names=("page_view",),
    )


def test_a_loaded_run_answers_in_its_own_ids(runs: FileRunStore, keep: Keep) -> None:
    loaded = load_recommender(runs, keep())
    ranking = loaded.recommender.top(Histories.from_rows([np.array([], np.int64)]), 3)
    assert [loaded.vocabulary.ids[row] for row in ranking.rows[0]] == ["tea", "🎉", "a/b"]
    assert (loaded.manifest.run_id, loaded.config.recommender.name) == ("run-1", "popularity")


def test_a_run_that_is_not_there_is_not_found(runs: FileRunStore) -> None:
    with pytest.raises(NotFoundError, match="no such run"):
        load_recommender(runs, "nothing")


def test_a_run_of_another_kind_is_no_recommender(runs: FileRunStore, keep: Keep) -> None:
    with pytest.raises(RunError, match="run-1 holds a policy, not a recommender"):
        load_recommender(runs, keep(kind="policy"))


@pytest.mark.parametrize("name", ["run.toml", "weights.safetensors", "vocabulary.json"])
def test_a_run_without_one_of_its_files_is_incomplete(runs, keep: Keep, name: str) -> None:
    with pytest.raises(RunError, match=f"run-1 has no {name}: it is incomplete"):
        load_recommender(runs, keep({name: None}))


@pytest.mark.parametrize("text", ["= nothing", "", 'kind = "recommender"', "[data]\ncolour = 1"])
def test_a_config_of_another_version_is_refused(runs, keep: Keep, text: str) -> None:
    with pytest.raises(RunError, match=r"run-1: run\.toml is not a config of this version"):
        load_recommender(runs, keep({"run.toml": text.encode()}))


def test_weights_of_another_method_are_refused(runs: FileRunStore, keep: Keep) -> None:
    weights = save_arrays({"something": np.zeros(3, np.float32)})
    with pytest.raises(RunError, match="does not fit its config"):
        load_recommender(runs, keep({"weights.safetensors": weights}))


def test_weights_that_are_no_arrays_are_refused(runs: FileRunStore, keep: Keep) -> None:
    with pytest.raises(RunError, match=r"weights\.safetensors"):
        load_recommender(runs, keep({"weights.safetensors": b"pickle?"}))


@pytest.mark.parametrize(
    "text", ["", "{broken", "\ud800", '"tea"', "[1, 2, 3]", "null", '["a", "a", "b"]']
)
def test_a_vocabulary_that_is_no_list_of_different_ids_is_refused(
    runs, keep: Keep, text: str
) -> None:
    content = text.encode("utf-8", "surrogatepass")
    with pytest.raises(RunError, match=r"vocabulary\.json is not a list of different ids"):
        load_recommender(runs, keep({"vocabulary.json": content}))


@pytest.mark.parametrize("ids", [IDS[:2], [*IDS, "jam"], []])
def test_a_vocabulary_of_another_size_is_refused(runs: FileRunStore, keep: Keep, ids) -> None:
    with pytest.raises(RunError, match="has not one id for each of its items"):
        load_recommender(runs, keep({"vocabulary.json": json.dumps(ids).encode()}))


def test_weights_of_another_catalogue_are_refused(runs: FileRunStore, keep: Keep) -> None:
    with pytest.raises(RunError, match="does not fit its config"):
        load_recommender(runs, keep(n_items=4))


def test_a_config_can_be_read_without_the_weights(runs: FileRunStore, keep: Keep) -> None:
    run = OpenedRun.of(runs, keep({"weights.safetensors": None}), "recommender", "recommender")
    assert run.config(parse_run_config).recommender.name == "popularity"
