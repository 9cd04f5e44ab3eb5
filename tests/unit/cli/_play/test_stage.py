"""A play is prepared from a made-up shop or from real data, and both projects get the run."""

from pathlib import Path

import pytest

from coadapt.cli._play.play import Wishes
from coadapt.cli._play.stage import STILL, Scene, make_scene, train_on, write_settings
from coadapt.settings import load_settings
from coadapt.stores.files import FileRunStore


def silent(done: float, total: float, message: str) -> None:
    """Draw nothing."""


def pipeline_of(folder: Path, project: str) -> dict[str, object]:
    runs = FileRunStore(folder / "runs")
    return dict(runs.pipeline(str(runs.alias(project))))


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    file = tmp_path / "u.data"
    rows = [
        f"{u}\t{(u + i) % 30 + 1}\t4\t{880_000_000 + 9 * i}" for u in range(40) for i in range(9)
    ]
    file.write_text("\n".join(rows) + "\n")
    return file


def test_a_made_up_shop_is_written_where_training_finds_it(tmp_path: Path) -> None:
    scene = make_scene(Wishes(), tmp_path, silent)
    assert Path(scene.data["path"]).parent == tmp_path
    assert len(scene.past) == 15_120


@pytest.mark.parametrize("source", ["movielens", "auto", "movielens_100k"])
def test_movielens_is_told_by_itself(ratings: Path, tmp_path: Path, source: str) -> None:
    scene = make_scene(Wishes(source=source, path=str(ratings)), tmp_path, silent)
    assert scene.data["source"] == "movielens_100k"
    assert len(scene.world.goods.ids) == 30


def test_the_method_is_judged_beside_popularity(ratings: Path, tmp_path: Path) -> None:
    wishes = Wishes(source="movielens", path=str(ratings), method="item_knn")
    validation = train_on(make_scene(wishes, tmp_path, silent), wishes, tmp_path, silent)
    assert validation.method == "item_knn"
    assert validation.value > validation.popularity


def test_one_project_explores_and_the_other_does_not(ratings: Path, tmp_path: Path) -> None:
    wishes = Wishes(source="movielens", path=str(ratings))
    scene: Scene = make_scene(wishes, tmp_path, silent)
    write_settings(tmp_path, train_on(scene, wishes, tmp_path, silent).run, 0)
    policies = [pipeline_of(tmp_path, project)["policy"] for project in ("default", STILL)]
    assert [policy["name"] for policy in policies] == ["plackett_luce", "greedy"]


def test_the_settings_are_what_serve_reads(tmp_path: Path) -> None:
    settings = load_settings(write_settings(tmp_path, "a-run", 8_123), {})
    assert settings.port == 8_123
    assert settings.runs == tmp_path / "runs"
    assert STILL in settings.projects


def test_where_there_are_no_times_a_random_part_is_held_out(tmp_path: Path) -> None:
    file = tmp_path / "user_artists.dat"
    rows = [f"{u}\t{(u + i) % 30 + 1}\t{90 - i}" for u in range(40) for i in range(9)]
    file.write_text("\n".join(["userID\tartistID\tweight", *rows]) + "\n")
    wishes = Wishes(source="lastfm_2k", path=str(file))
    scene = make_scene(wishes, tmp_path, silent)
    run = train_on(scene, wishes, tmp_path, silent).run
    config = FileRunStore(tmp_path / "runs").open(run)["run.toml"].read_text()
    assert 'kind = "per_user_holdout"' in config
