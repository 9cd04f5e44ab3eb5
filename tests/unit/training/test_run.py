"""A training becomes a run that can be opened, judged, repeated and trusted."""

import json
from pathlib import Path
from typing import Any

import pytest

from coadapt.data.batches import Histories
from coadapt.domain.errors import DataError, RunError
from coadapt.nn.precision import fastest_precision
from coadapt.stores.files import FileRunStore
from coadapt.stores.open import without_password
from coadapt.training.config import parse_run_config, read_run_config
from coadapt.training.judging import judge_run
from coadapt.training.load import load_recommender
from coadapt.training.preparing import Surroundings
from coadapt.training.run import train

NOW = Surroundings(now_ms=1_795_300_000_000)
SHOP = {"n_users": 60, "n_items": 40, "n_events": 1500}
TINY_NETWORK = {"embedding_dim": 8, "max_length": 20, "max_epochs": 2, "warmup_steps": 2}


def config(name: str = "ease", options: dict[str, Any] | None = None, **sections: Any) -> Any:
    document = {
        "data": {"source": "synthetic", "options": SHOP},
        "recommender": {"name": name, "options": options or {}},
        "evaluation": {"ks": [10], "n_bootstrap": 20},
        **sections,
    }
    return parse_run_config(document, "test")


@pytest.fixture
def store(tmp_path: Path) -> FileRunStore:
    return FileRunStore(tmp_path)


def test_a_run_has_all_its_files(store: FileRunStore) -> None:
    manifest = train(config(), store, NOW)
    assert set(store.open(manifest.run_id)) >= {
        "run.toml",
        "weights.safetensors",
        "vocabulary.json",
        "metrics.json",
        "progress.jsonl",
        "preprocessing.json",
        "card.md",
    }


def test_a_runs_name_holds_its_time_and_method(store: FileRunStore) -> None:
    assert train(config(), store, NOW).run_id.startswith("2026-11-21T22-26-40Z-ease-")


def test_a_loaded_run_scores_as_it_did_when_it_was_trained(store: FileRunStore) -> None:
    first = load_recommender(store, train(config("sasrec", TINY_NETWORK), store, NOW).run_id)
    later = Surroundings(now_ms=NOW.now_ms + 1000)
    again = load_recommender(store, train(config("sasrec", TINY_NETWORK), store, later).run_id)
    past = Histories.from_rows([first.vocabulary.rows(first.vocabulary.ids[:5])])
    assert (first.recommender.score(past).values == again.recommender.score(past).values).all()


def test_a_networks_epochs_are_noted(store: FileRunStore) -> None:
    manifest = train(config("sasrec", TINY_NETWORK), store, NOW)
    lines = store.open(manifest.run_id)["progress.jsonl"].read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2]


def test_the_processor_time_granted_ends_a_training(store: FileRunStore) -> None:
    options = {**TINY_NETWORK, "max_epochs": 500, "patience": 500}
    limited = config("sasrec", options, training={"max_cpu_seconds": 0.2})
    lines = store.open(train(limited, store, NOW).run_id)["progress.jsonl"].read_text()
    assert len(lines.splitlines()) < 100


def test_a_refit_learns_from_the_validation_events_too(store: FileRunStore) -> None:
    once = train(config("popularity"), store, NOW)
    refit = train(config("popularity", training={"refit": True}), store, NOW)
    counts = [load_recommender(store, run.run_id).recommender.weights() for run in (once, refit)]
    assert sum(w.sum() for w in counts[1].values()) > sum(w.sum() for w in counts[0].values())


def test_a_run_is_judged_on_its_test_events(store: FileRunStore) -> None:
    run = train(config(), store, NOW).run_id
    judgement = judge_run(store, run, NOW)
    assert 0 < judgement.evaluation.means()["ndcg@10"] <= 1


def test_a_run_is_not_judged_on_other_data(store: FileRunStore, tmp_path: Path) -> None:
    events = tmp_path / "ratings.dat"
    events.write_text("".join(f"{u}::{i}::5::97830{i:04}\n" for u in range(9) for i in range(9)))
    document = config(data={"source": "movielens_1m", "path": str(events)})
    run = train(document, store, NOW).run_id
    events.write_text(events.read_text().replace("0::3::5", "0::4::5"))
    with pytest.raises(DataError, match="not what run"):
        judge_run(store, run, NOW)


def test_a_run_with_a_changed_byte_is_refused(store: FileRunStore) -> None:
    run = train(config(), store, NOW).run_id
    weights = store.open(run)["weights.safetensors"]
    weights.chmod(0o644)
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(RunError, match="weights"):
        load_recommender(store, run)


def test_a_card_states_data_results_and_limits(store: FileRunStore) -> None:
    card = store.open(train(config(), store, NOW).run_id)["card.md"].read_text()
    assert "1,500 events" in card
    assert "ndcg@10" in card
    assert "## Limits" in card


def test_a_stores_password_is_not_written_down() -> None:
    url = "postgresql://shop:secret@db/events"
    assert without_password(url) == "postgresql://shop:***@db/events"


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_network_is_trained_again_in_the_numbers_that_its_run_names(
    store: FileRunStore, precision: str
) -> None:
    named = config("sasrec", TINY_NETWORK, training={"precision": precision})
    first = train(named, store, NOW).run_id
    kept = read_run_config(store.open(first)["run.toml"])
    assert kept.training.precision == precision
    second = train(kept, store, Surroundings(now_ms=NOW.now_ms + 1000)).run_id
    weights = [store.open(run)["weights.safetensors"].read_bytes() for run in (first, second)]
    assert weights[0] == weights[1]


def test_the_numbers_of_a_training_change_its_weights(store: FileRunStore) -> None:
    networks = [
        config("sasrec", TINY_NETWORK, training={"precision": each})
        for each in ("float32", "bfloat16")
    ]
    runs = [train(each, store, NOW).run_id for each in networks]
    narrow, wide = (store.open(run)["weights.safetensors"].read_bytes() for run in runs)
    assert narrow != wide


def test_a_run_says_in_which_numbers_its_network_was_trained(store: FileRunStore) -> None:
    runs = [train(config(*each), store, NOW) for each in (("sasrec", TINY_NETWORK), ("ease",))]
    kept = [read_run_config(store.open(run.run_id)["run.toml"]) for run in runs]
    assert [each.training.precision for each in kept] == [fastest_precision(), None]
