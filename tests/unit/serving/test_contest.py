import json
from pathlib import Path
from typing import Any

import pytest

from coadapt.serving.contest import compete, main
from coadapt.stores.files import FileRunStore
from coadapt.training.config import parse_run_config
from coadapt.training.preparing import Surroundings
from coadapt.training.run import train

NOW_MS = 1_795_300_000_000


def run_of(store: FileRunStore, n_items: int, at_ms: int = NOW_MS) -> str:
    options: dict[str, Any] = {"n_users": 30, "n_items": n_items, "n_events": 400}
    document = {
        "data": {"source": "synthetic", "path": "", "options": options},
        "recommender": {"name": "popularity"},
    }
    return train(parse_run_config(document, "the test"), store, Surroundings(at_ms)).run_id


@pytest.fixture
def store(tmp_path: Path) -> FileRunStore:
    return FileRunStore(tmp_path)


def test_a_run_is_as_good_as_itself(store: FileRunStore) -> None:
    run = run_of(store, n_items=20)
    contest = compete(store, run, run, "", Surroundings(NOW_MS))
    assert contest.champion["ndcg@10"] == pytest.approx(contest.new["ndcg@10"])


def test_a_champion_that_knows_fewer_items_finds_fewer(store: FileRunStore) -> None:
    champion, new = run_of(store, n_items=2), run_of(store, n_items=40, at_ms=NOW_MS + 1)
    contest = compete(store, new, champion, "", Surroundings(NOW_MS))
    assert contest.champion["hr@20"] < contest.new["hr@20"]


def test_the_child_prints_both_runs_metrics(store: FileRunStore, tmp_path: Path) -> None:
    run = run_of(store, n_items=20)
    printed = json.loads(main([str(tmp_path), run, run, "", str(NOW_MS)]))
    assert sorted(printed) == ["champion", "new"]
