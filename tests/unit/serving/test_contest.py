import json
from pathlib import Path
from typing import Any

import pytest

from coadapt.domain.errors import DataError
from coadapt.domain.events import Event
from coadapt.serving.contest import compete, main
from coadapt.stores.files import FileRunStore
from coadapt.stores.open import open_event_store
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
    printed = json.loads(main([str(tmp_path), run, run, str(NOW_MS)], data=""))
    assert sorted(printed) == ["champion", "new"]


def log_of(path: Path, n_rounds: int) -> str:
    """Everybody sees one more item each round; the same rounds are the same events."""
    url = f"sqlite:///{path}"
    log = open_event_store(url)
    moments = [(user, turn) for turn in range(n_rounds) for user in range(8)]
    log.append(
        [
            Event(f"{u}-{t}", "page_view", t * 10 + u, user_id=f"u{u}", item_id=f"i{(u + t) % 9}")
            for u, t in moments
        ]
    ).result()
    log.close()
    return url


def refitted(store: FileRunStore, url: str, at_ms: int) -> str:
    document = {
        "data": {"source": "log", "path": url},
        "recommender": {"name": "item_knn"},
        "training": {"refit": True},
    }
    return train(parse_run_config(document, "the test"), store, Surroundings(at_ms)).run_id


def test_a_refitted_champion_is_not_judged_on_what_it_learnt(
    store: FileRunStore, tmp_path: Path
) -> None:
    url = log_of(tmp_path / "log.db", n_rounds=6)
    champion, new = (refitted(store, url, NOW_MS + n) for n in range(2))
    with pytest.raises(DataError, match="nothing to judge"):
        compete(store, new, champion, url, Surroundings(NOW_MS))


def test_a_refitted_champion_is_judged_on_newer_events(store: FileRunStore, tmp_path: Path) -> None:
    url = log_of(tmp_path / "log.db", n_rounds=5)
    champion = refitted(store, url, NOW_MS)
    log_of(tmp_path / "log.db", n_rounds=7)
    contest = compete(store, refitted(store, url, NOW_MS + 1), champion, url, Surroundings(NOW_MS))
    assert contest.champion.keys() & contest.new.keys() >= {"ndcg@10", "hr@10"}
