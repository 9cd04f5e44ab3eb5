"""A policy is judged, tuned and kept by the slates in a service's log."""

from __future__ import annotations

import asyncio
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coadapt.cli._policy import report
from coadapt.domain.errors import ConfigError, DataError, EmptyDataError, SupportError
from coadapt.domain.parsing import Arrival
from coadapt.domain.queries import Person, Query
from coadapt.evaluation.off_policy import OffPolicyEstimate
from coadapt.evaluation.summary import Summary
from coadapt.serving.ingest import ingest
from coadapt.serving.loop import Loop, LoopOptions, assemble
from coadapt.serving.promote import add_and_promote
from coadapt.serving.recommend import recommend
from coadapt.stores.files import FileRunStore
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.sql import SqlEventStore
from coadapt.testing.stores import append, make_event
from coadapt.training.pipeline_config import parse_pipeline

NOW_MS = 1_795_300_000_000
N_SLATES = 240
LOGGING = {"temperature": 1.0, "exploration": 0.1}
CONFIG = """
kind = "policy"
[data]
source = "log"
path = "URL"
until = 100000
[pipeline]
name = "shop"
recommender = "latest:item_knn"
[pipeline.policy.options]
temperature = 1.0
exploration = 0.1
[off_policy]
min_effective = 20
"""


async def ask_and_click(loop: Loop, rng: np.random.Generator) -> None:
    """Ask for slates of two, of which the higher place is clicked more often."""
    for number in range(N_SLATES):
        user = f"u{number % 40}"
        query = Query(Person(user_id=user), NOW_MS, count=2)
        slate = await recommend(loop, query, NOW_MS)
        clicked = [each for each in slate.items if rng.random() < 0.5 / each.position]
        named = {"type": "select_item", "user_id": user, "timestamp": NOW_MS}
        bodies = [
            {**named, "item_id": each.item_id, "recommendation_id": slate.recommendation_id}
            for each in clicked
        ]
        await ingest(loop, bodies, Arrival(NOW_MS, loop.new_id))


@pytest.fixture(scope="module")
def shop(runs: Path, trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the runs: pipelines are added here."""
    del trained
    copy: Path = tmp_path_factory.mktemp("shop") / "runs"
    shutil.copytree(runs, copy)
    return copy


@pytest.fixture(scope="module")
def log(shop: Path, trained, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Serve a run to people who click, and return the log's URL."""
    url = f"sqlite:///{tmp_path_factory.mktemp('log') / 'log.db'}"
    store, served = SqlEventStore(url), FileRunStore(shop)
    loop = assemble(store, MemoryFeatureStore(), served, options=LoopOptions(seed=1))
    policy = {"name": "plackett_luce", "options": LOGGING}
    document = {"recommender": trained["item_knn"], "policy": policy}
    add_and_promote(loop, "default", document)
    asyncio.run(ask_and_click(loop, np.random.default_rng(0)))
    loop.close()
    return url


@pytest.fixture
def config(log: str, tmp_path: Path) -> Callable[..., Path]:
    def written(old: str = "", new: str = "") -> Path:
        path = tmp_path / "policy.toml"
        path.write_text(CONFIG.replace("URL", log).replace(old, new))
        return path

    return written


def test_the_policy_of_the_log_is_worth_what_it_earned(call_json, config, shop: Path) -> None:
    told = call_json("train", config(), "--runs", shop)
    estimate = told["estimate"]
    assert estimate["reward"]["value"] == pytest.approx(estimate["logged"]["value"])
    assert estimate["n_slates"] == round(0.3 * N_SLATES)
    assert told["slates"]["n"] == told["slates"]["n_own"] == N_SLATES
    assert told["slates"]["skipped"] == {}


def test_a_judged_policy_is_kept_as_a_pipeline_that_can_serve(
    call_json, config, shop: Path, trained
) -> None:
    store = FileRunStore(shop)
    reference = call_json("train", config("1.0", "0.9"), "--runs", shop)["pipeline"]
    kept = parse_pipeline(store.pipeline(reference), reference)
    assert (kept.recommender, kept.project) == (trained["item_knn"], "default")
    assert kept.policy.options["temperature"] == 0.9
    assert store.alias("default") != reference


def test_people_are_told_what_the_slates_earned_and_the_next_step(call, config, shop: Path) -> None:
    result = call("train", config("1.0", "0.9"), "--runs", shop)
    assert "the log's slates earned" in result.stdout
    assert "effective slates" in result.stdout
    assert "POST /v1/pipelines/shop@" in result.stdout
    assert f"{N_SLATES} slates, as served" in result.stderr


def test_the_verdict_is_that_of_the_lower_end(capsys: pytest.CaptureFixture[str]) -> None:
    sure, unsure = Summary(0.2, 0.1, 0.3), Summary(0.2, -0.1, 0.5)
    for lift in (sure, unsure):
        report("shop@3", OffPolicyEstimate(sure, sure, lift, sure, 200.0, 300, 40))
    better, not_better = capsys.readouterr().out.split("shop@3: ")[1:]
    assert better.startswith("better than what chose the log\nnext: POST")
    assert not_better.startswith("not shown to be better")


def test_a_policy_is_tuned_and_its_best_config_is_judged_as_it_is(
    call_json, config, shop: Path, tmp_path: Path
) -> None:
    study = tmp_path / "study"
    options = ("--searcher", "random", "--trials", 6, "--study", study, "--runs", shop)
    narrow = "[tuning.space]\ntemperature = { low = 0.6, high = 1.6 }\nstandardize = true\n"
    path = config("min_effective = 20\n", "min_effective = 20\n" + narrow)
    tuned = call_json("tune", path, *options)
    assert (tuned["metric"], tuned["n_trials"]) == ("lift_low", 6)
    assert tuned["best"]["value"] >= 0
    best = tomllib.loads((study / "best.toml").read_text())
    assert best["pipeline"]["policy"]["options"].items() >= tuned["best"]["values"].items()
    assert "estimate" in call_json("train", study / "best.toml", "--runs", shop)
    assert (study / "report.html").exists()


@pytest.mark.parametrize(
    ("line", "kind", "reason"),
    [
        ("min_effective = 1e6", SupportError, "asked for"),
        ("min_effective = 20\nmin_people = 1000", SupportError, "of 40 people"),
        ("rewards = { select_item = nan }", ConfigError, "select_item"),
        ("test_share = 0.001", SupportError, "no slates"),
        ("max_slates = 5", ConfigError, "max_slates"),
        ("rewards = { gift = 1 }\nmin_effective = 20", EmptyDataError, "no slate led to: gift"),
    ],
)
def test_too_little_to_judge_by_is_told(call, config, shop: Path, line, kind, reason) -> None:
    error = call("train", config("min_effective = 20", line), "--runs", shop).exception
    assert isinstance(error, kind)
    assert reason in error.message


def test_a_log_that_is_not_there_is_told(call, config, shop: Path) -> None:
    options = ("--data", "sqlite:////nowhere.db", "--runs", shop)
    error = call("train", config(), *options).exception
    assert isinstance(error, DataError)
    assert "no event log" in error.message


def test_slates_that_are_left_out_are_told(call, config, shop: Path) -> None:
    error = call("train", config("until", "after = 99999\nuntil"), "--runs", shop).exception
    assert isinstance(error, EmptyDataError)
    assert f"{N_SLATES} too early" in error.message


def test_a_policy_serves_the_project_that_it_is_judged_by(call, config, shop: Path) -> None:
    path = config('name = "shop"', 'name = "shop"\nproject = "default"')
    assert call("train", path, "--runs", shop).exception is None
    error = call("train", path, "--runs", shop, "--project", "other").exception
    assert isinstance(error, ConfigError)
    assert error.field == "pipeline.project"


def test_what_the_run_may_have_seen_is_told(call, config, shop: Path) -> None:
    """It learned from made-up data here, of which nobody knows whether they are these."""
    told = call("train", config(), "--runs", shop).stderr
    assert "the run learned from synthetic: it is not known" in told
    assert "may still earn more" in told


def test_a_seed_is_refused_as_nothing_is_drawn(call, config, shop: Path) -> None:
    assert isinstance(call("train", config(), "--runs", shop, "--seed", 1).exception, ConfigError)


@pytest.fixture
def growing(log: str, tmp_path: Path) -> str:
    """Return the URL of a copy of the log, to which may be appended."""
    shutil.copy(log.removeprefix("sqlite:///"), tmp_path / "growing.db")
    return f"sqlite:///{tmp_path / 'growing.db'}"


def grow(url: str) -> None:
    store = SqlEventStore(url)
    append(store, make_event("later"))
    store.close()


def test_a_study_of_a_log_without_an_end_takes_the_newest_position_and_keeps_it(
    call, config, growing: str, shop: Path, tmp_path: Path
) -> None:
    path = config("until = 100000", "[tuning]\nsearcher = 'random'")
    options = ("--runs", shop, "--study", tmp_path / "study", "--data", growing, "--trials")
    first = call("tune", path, *options, 1)
    grow(growing)
    again = call("tune", path, *options, 2)
    until = tomllib.loads((tmp_path / "study" / "best.toml").read_text())["data"]["until"]
    told = f"the log counts up to position {until} for the whole study"
    assert (again.exception, told in first.stderr, told in again.stderr) == (None, True, True)


def test_a_policy_is_no_value_model(call, config, shop: Path) -> None:
    error: Any = call("value", "evaluate", config(), "--runs", shop).exception
    assert isinstance(error, ConfigError)
    assert "trains no value model" in error.message
