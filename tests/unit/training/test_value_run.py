"""A value training becomes a run that can be opened, repeated and trusted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import ConfigError, DataError, RunError
from coadapt.domain.manifests import Manifest
from coadapt.stores.files import FileRunStore
from coadapt.stores.open import open_event_store
from coadapt.testing.stores import append, make_event
from coadapt.training.config import read_toml
from coadapt.training.forecasting import end_of, fit_at, fold
from coadapt.training.kinds import parse_any_config, train_any
from coadapt.training.preparing import Surroundings
from coadapt.training.stream_reading import read_stream
from coadapt.training.value_config import ValueRunConfig, parse_value_config
from coadapt.training.value_load import load_value
from coadapt.value.base import ValueModel
from coadapt.value.forecasts import Forecast

SHOP = {"n_users": 60, "n_items": 40, "n_events": 4000, "n_days": 200}
NOW = Surroundings(now_ms=1_795_300_000_000, commit="abc123")
FILES = {
    "run.toml",
    "weights.safetensors",
    "metrics.json",
    "segments.json",
    "progress.jsonl",
    "card.md",
}


def config(**sections: Any) -> ValueRunConfig:
    document = {
        "kind": "value",
        "data": {"source": "synthetic", "options": SHOP},
        "value": {"name": "rfm", "options": {"min_examples": 5}},
        "training": {"n_bootstrap": 10},
        **sections,
    }
    return parse_value_config(document, "test")


@pytest.fixture
def store(tmp_path: Path) -> FileRunStore:
    return FileRunStore(tmp_path)


@pytest.fixture
def train(store: FileRunStore) -> Callable[..., Manifest]:
    return lambda **sections: train_any(config(**sections), store, NOW)


Train = Callable[..., Manifest]


def test_a_run_has_all_its_files(store: FileRunStore, train: Train) -> None:
    manifest = train()
    assert set(store.open(manifest.run_id)) == FILES
    assert (manifest.kind, manifest.name) == ("value", "rfm")


def test_its_figures_are_those_of_a_forecast(store: FileRunStore, train: Train) -> None:
    manifest = train()
    assert {"crps", "mae", "gini", "spearman", "total_ratio"} <= set(manifest.metrics)
    metrics = json.loads(store.open(manifest.run_id)["metrics.json"].read_text())
    (at,) = metrics["cutoffs"]
    crps = at["metrics"]["crps"]
    assert 0 < crps["low"] < crps["high"]
    assert set(at["segments"]) == {"all", "new", "low", "high"}


def test_a_loaded_run_forecasts_what_the_trained_one_would(
    store: FileRunStore, train: Train
) -> None:
    loaded = load_value(store, train().run_id)
    stream = read_stream(loaded.config, NOW).stream
    fitted, _ = fit_at(loaded.config, stream, end_of(stream))
    first, second = (told(model, stream) for model in (loaded.model, fitted))
    np.testing.assert_array_equal(first.quantiles, second.quantiles)
    assert first.is_prior.tolist() == [False] * stream.n_users + [True]


def told(model: ValueModel[Any], stream: Stream) -> Forecast:
    """Fold a stream and forecast everybody and a stranger from its end."""
    fold(model, stream)
    return model.value(np.arange(stream.n_users + 1), end_of(stream))


def test_a_run_can_be_repeated_from_its_own_config(store: FileRunStore, train: Train) -> None:
    first = train(currencies={"base": "EUR"})
    document = read_toml(store.open(first.run_id)["run.toml"])
    later = Surroundings(now_ms=NOW.now_ms + 1000)
    second = train_any(parse_any_config(document, "run"), store, later)
    assert second.metrics == first.metrics
    assert second.files["weights.safetensors"] == first.files["weights.safetensors"]


def test_the_card_says_what_people_need(store: FileRunStore, train: Train) -> None:
    card = store.open(train(currencies={"base": "EUR"}).run_id)["card.md"].read_text()
    assert all(text in card for text in ("30 days", "EUR", "crps", "dormant", "## Limits"))


def test_cut_offs_are_judged_one_by_one(store: FileRunStore, train: Train) -> None:
    manifest = train(cutoffs={"dates": ["2027-02-01", "2027-01-01"]})
    metrics = json.loads(store.open(manifest.run_id)["metrics.json"].read_text())
    assert [at["cutoff"] for at in metrics["cutoffs"]] == ["2027-01-01", "2027-02-01"]


@pytest.mark.parametrize(("day", "reason"), [("2020-01-01", "nothing"), ("2027-04-01", "end")])
def test_a_cut_off_that_cannot_be_judged_is_refused(train: Train, day: str, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        train(cutoffs={"dates": [day]})


def test_data_without_times_are_refused(store: FileRunStore, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("user_id,item_id\nann,tea\n")
    data = {"source": "events_file", "path": str(tmp_path / "a.csv"), "options": {"timestamp": ""}}
    with pytest.raises(DataError, match="knows no times"):
        train_any(config(data=data), store, NOW)


def test_rates_need_a_currency_that_is_worth_one() -> None:
    with pytest.raises(ConfigError, match="one of the rates must be 1"):
        config(currencies={"rates": {"USD": 1.1}})


@pytest.mark.parametrize("rates", [{"EUR": 1.0, "USD": 0.92}, {"EUR": 1.0}])
def test_the_base_is_the_currency_that_is_worth_one(rates: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="the rate of the base, usd, must be 1"):
        config(currencies={"base": "USD", "rates": rates})


@pytest.mark.parametrize(
    "options",
    [
        {"half_lives_days": [2.0, 0.0]},
        {"half_lives_days": []},
        {"graph_half_lives_days": [-7.0]},
        {"graph_half_lives_days": []},
        {"hidden_dim": 30, "n_heads": 4},
    ],
)
def test_what_duve_cannot_be_made_of_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"half_lives_days|hidden_dim must be a multiple"):
        config(value={"name": "duve", "options": options})


def test_a_device_that_no_value_model_uses_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"training\.device: input should be 'cpu'"):
        config(training={"device": "cuda"})


def test_an_unknown_option_of_the_model_is_named() -> None:
    with pytest.raises(ConfigError, match=r"test: value.options: segmants"):
        config(value={"name": "rfm", "options": {"segmants": 1}})


def test_a_changed_run_is_refused(store: FileRunStore, train: Train, tmp_path: Path) -> None:
    run = train().run_id
    (tmp_path / "runs" / run / "segments.json").write_text("{}")
    with pytest.raises(RunError, match=r"segments.json has changed"):
        load_value(store, run)


def test_a_recommender_is_no_value_model(store: FileRunStore) -> None:
    document = {"data": {"source": "synthetic", "options": SHOP}, "recommender": {"name": "ease"}}
    run = train_any(parse_any_config(document, "test"), store, NOW).run_id
    with pytest.raises(RunError, match="holds a recommender"):
        load_value(store, run)


@pytest.fixture
def log(tmp_path: Path) -> str:
    """Return the URL of a log of a hundred days, a purchase a day in turn of two currencies."""
    url = f"sqlite:///{tmp_path}/log.db"
    store = open_event_store(url)
    start = NOW.now_ms - 100 * DAY_MS
    append(
        store,
        *(
            make_event(
                f"e{day}",
                type="purchase",
                user_id=f"u{day % 7}",
                timestamp=start + day * DAY_MS,
                received_at=start + day * DAY_MS,
                value=10.0,
                currency="EUR" if day % 2 else "USD",
            )
            for day in range(100)
        ),
    )
    store.close()
    return url


def test_mixed_currencies_are_refused(train: Train, log: str) -> None:
    with pytest.raises(DataError, match=r"several currencies \(EUR, USD\)"):
        train(data={"source": "log", "path": log})


def test_with_rates_they_become_one(store: FileRunStore, train: Train, log: str) -> None:
    rates = {"EUR": 1.0, "USD": 0.5}
    manifest = train(data={"source": "log", "path": log}, currencies={"rates": rates})
    assert (manifest.first_position, manifest.last_position) == (1, 100)
    assert load_value(store, manifest.run_id).config.currencies.named_base() == "EUR"


def test_an_imported_past_needs_the_clock_of_the_events(train: Train, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/past.db"
    store = open_event_store(url)
    days = range(0, 100 * DAY_MS, DAY_MS)
    append(store, *(make_event(f"e{at}", timestamp=at, received_at=10**13) for at in days))
    store.close()
    data = {"source": "log", "path": url}
    with pytest.raises(DataError, match='clock = "event"'):
        train(data=data)
    assert train(data=data, cutoffs={"clock": "event"}).metrics["crps"] == 0
