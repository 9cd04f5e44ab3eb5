"""A play has a world: a made-up shop or one of real data."""

from pathlib import Path

import pytest

from coadapt.cli._play.play import Wishes
from coadapt.cli._play.scene import make_scene
from coadapt.domain.errors import ConfigError
from coadapt.domain.progress import no_progress


def test_a_made_up_shop_is_written_where_training_finds_it(tmp_path: Path) -> None:
    scene = make_scene(Wishes(), tmp_path, no_progress)
    assert Path(scene.data["path"]).parent == tmp_path
    assert len(scene.past) == 15_120


@pytest.mark.parametrize("source", ["movielens", "auto", "movielens_100k"])
def test_movielens_is_told_by_itself(ratings: Path, tmp_path: Path, source: str) -> None:
    scene = make_scene(Wishes(source=source, path=str(ratings)), tmp_path, no_progress)
    assert scene.data["source"] == "movielens_100k"
    assert len(scene.world.goods.ids) == 30


def test_a_path_without_a_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--path needs --source"):
        make_scene(Wishes(path="ml-1m"), tmp_path, no_progress)
