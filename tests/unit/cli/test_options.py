"""A run is named by its id, a part of it, or as the latest; nothing else is guessed."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from coadapt.cli._options import current_commit, find_run, open_runs, surroundings
from coadapt.domain.errors import NotFoundError
from coadapt.domain.progress import no_progress
from coadapt.stores.files import FileRunStore

FACTS: dict[str, Any] = {
    "kind": "recommender",
    "package_version": "0.1",
    "seed": 0,
    "dataset_fingerprint": "f",
    "n_items": 3,
}


@pytest.fixture
def store(tmp_path: Path) -> FileRunStore:
    """Return a folder of three runs, the newest last."""
    store = open_runs(tmp_path)
    names = ("ease", "sasrec", "ease")
    for day, name in enumerate(names, 1):
        said = {**FACTS, "name": name, "created_at": f"2026-01-0{day}T00:00:00Z"}
        store.add(f"2026-01-0{day}-{name}", {}, said)
    return store


@pytest.mark.parametrize(
    ("reference", "run"),
    [
        ("latest", "2026-01-03-ease"),
        ("latest:", "2026-01-03-ease"),
        ("latest:ease", "2026-01-03-ease"),
        ("latest:sasrec", "2026-01-02-sasrec"),
        ("2026-01-01-ease", "2026-01-01-ease"),
        ("01-01", "2026-01-01-ease"),
        ("sasrec", "2026-01-02-sasrec"),
    ],
)
def test_a_reference_means_one_run(store: FileRunStore, reference: str, run: str) -> None:
    assert find_run(store, reference) == run


def test_a_part_of_several_ids_names_them_all(store: FileRunStore) -> None:
    with pytest.raises(NotFoundError, match="several runs match 'ease'") as caught:
        find_run(store, "ease")
    assert caught.value.message.endswith("2026-01-03-ease, 2026-01-01-ease")
    assert caught.value.field == "run"


def test_a_whole_id_means_itself_also_where_others_begin_with_it(store: FileRunStore) -> None:
    store.add("2026-01-01-ease-b", {}, {**FACTS, "name": "ease", "created_at": "2026-01-04"})
    assert find_run(store, "2026-01-01-ease") == "2026-01-01-ease"


@pytest.mark.parametrize("reference", ["nothing", "latest:als", "Latest", "latest_ease", "*"])
def test_what_means_no_run_is_told_with_those_there_are(store, reference: str) -> None:
    with pytest.raises(
        NotFoundError, match=f"matches '{re.escape(reference)}'; there are: 2026-01-03-ease, "
    ):
        find_run(store, reference)


def test_of_many_runs_the_five_newest_are_named(store: FileRunStore) -> None:
    for day in range(10, 14):
        facts = {**FACTS, "name": "als", "created_at": f"2026-01-{day}"}
        store.add(f"2026-01-{day}-als", {}, facts)
    with pytest.raises(NotFoundError) as caught:
        find_run(store, "nothing")
    assert caught.value.message.count(",") == 4


@pytest.mark.parametrize("reference", ["latest", "latest:ease", "x", ""])
def test_in_an_empty_folder_there_are_none_yet(tmp_path: Path, reference: str) -> None:
    with pytest.raises(NotFoundError, match=r"no recommender run matches .*; there are: none yet"):
        find_run(open_runs(tmp_path), reference)


def test_surroundings_hold_the_time_of_now(tmp_path: Path) -> None:
    before_ms = time.time_ns() // 1_000_000
    facts = surroundings(tmp_path, no_progress, commit="abc", parent="run-1")
    assert before_ms <= facts.now_ms <= time.time_ns() // 1_000_000
    assert (facts.data_root, facts.commit, facts.parent) == (tmp_path, "abc", "run-1")


def test_outside_a_repository_there_is_no_commit(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert current_commit() is None


def test_without_git_there_is_no_commit(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert current_commit() is None


def test_in_a_repository_the_commit_is_the_one_checked_out(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    author = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", *author, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    asked = ["git", "rev-parse", "HEAD"]
    whole = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    assert whole.startswith(current_commit() or "none")
