"""A method is trained on the scene's past and judged beside popularity."""

from pathlib import Path

from coadapt.cli._play.play import Wishes
from coadapt.cli._play.rehearsal import train_on
from coadapt.cli._play.scene import make_scene
from coadapt.domain.progress import no_progress
from coadapt.stores.files import FileRunStore


def test_the_method_is_judged_beside_popularity(ratings: Path, tmp_path: Path) -> None:
    wishes = Wishes(source="movielens", path=str(ratings), method="item_knn")
    validation = train_on(make_scene(wishes, tmp_path, no_progress), wishes, tmp_path, no_progress)
    assert validation.method == "item_knn"
    assert validation.value > validation.popularity


def test_where_there_are_no_times_a_random_part_is_held_out(tmp_path: Path) -> None:
    file = tmp_path / "user_artists.dat"
    rows = [f"{u}\t{(u + i) % 30 + 1}\t{90 - i}" for u in range(40) for i in range(9)]
    file.write_text("\n".join(["userID\tartistID\tweight", *rows]) + "\n")
    wishes = Wishes(source="lastfm_2k", path=str(file))
    scene = make_scene(wishes, tmp_path, no_progress)
    run = train_on(scene, wishes, tmp_path, no_progress).run
    config = FileRunStore(tmp_path / "runs").open(run)["run.toml"].read_text()
    assert 'kind = "per_user_holdout"' in config
