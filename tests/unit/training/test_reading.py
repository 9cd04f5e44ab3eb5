"""What a config names is read: a file here, a file under the data folder, or the log."""

from __future__ import annotations

from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as pysqlite

from coadapt.domain.errors import ConfigError, DataError, EmptyDataError, UnknownPluginError
from coadapt.domain.progress import no_progress
from coadapt.stores.open import open_event_store
from coadapt.testing.stores import append, make_event
from coadapt.training.config import DataConfig
from coadapt.training.reading import Reading, read_data

RATINGS = "1::2::3::978300019\n1::3::4::978300020\n"


def _read(root: Path | None = None, **options: object) -> Reading:
    return read_data(DataConfig.model_validate(options), root, no_progress)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data folder with a data set in it."""
    (tmp_path / "ml").mkdir()
    (tmp_path / "ml" / "ratings.dat").write_text(RATINGS)
    return tmp_path


@pytest.fixture
def log(tmp_path: Path) -> str:
    """Return the URL of a log of five events, the third of another project."""
    url = f"sqlite:///{tmp_path}/log.db"
    store = open_event_store(url)
    projects = ("default", "default", "other", "default", "default")
    append(store, *(make_event(f"e{n}", project=p, timestamp=n) for n, p in enumerate(projects)))
    store.close()
    return url


def test_a_relative_path_is_found_under_the_data_folder(folder: Path) -> None:
    reading = _read(folder, path="ml/ratings.dat")
    assert reading.table.name == "movielens_1m"
    assert (reading.first_position, reading.last_position) == (None, None)


def test_rows_that_cannot_be_read_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "ratings.dat").write_text(RATINGS + "1::4\n")
    _read(tmp_path, path="ratings.dat")
    (record,) = caplog.records
    assert "ratings.dat: 1 of 3 rows could not be read" in record.getMessage()


def test_what_is_here_comes_before_what_is_in_the_data_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    (here / "ml").mkdir(parents=True)
    (here / "ml" / "ratings.dat").write_text(RATINGS * 3)
    monkeypatch.chdir(here)
    assert _read(folder, path="ml/ratings.dat").table.n_rows_read == 6


def test_an_absolute_path_needs_no_folder(folder: Path) -> None:
    assert _read(None, path=str(folder / "ml")).table.n_rows_read == 2


def test_a_path_may_begin_at_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    assert _read(None, path="~/ml").table.n_rows_read == 2


def test_what_is_nowhere_names_both_places(folder: Path) -> None:
    with pytest.raises(DataError, match=rf"nothing/x or {folder}/nothing/x; name it by --data"):
        _read(folder, path="nothing/x")


def test_a_source_that_is_named_is_not_guessed(folder: Path) -> None:
    with pytest.raises(
        DataError, match="not one row is an event; line 1: 4 columns expected, 1 found"
    ):
        _read(folder, source="movielens_100k", path="ml/ratings.dat")


def test_an_unknown_source_is_told_with_those_there_are(folder: Path) -> None:
    with pytest.raises(UnknownPluginError, match="movielens_1m"):
        _read(folder, source="netflix", path="ml")


def test_options_reach_the_source() -> None:
    assert _read(source="synthetic", options={"n_events": 77}).table.n_rows_read == 77
    with pytest.raises(ConfigError, match="n_planets"):
        _read(source="synthetic", options={"n_planets": 9})


def test_progress_is_told(folder: Path) -> None:
    told: list[str] = []
    config = DataConfig(path=str(folder / "ml"))
    read_data(config, None, lambda done, total, message: told.append(message))
    assert told == ["reading ratings.dat"]


def test_the_log_is_read_with_its_first_and_last_position(log: str) -> None:
    reading = _read(source="log", path=log)
    assert reading.table.events.height == 4
    assert (reading.first_position, reading.last_position) == (1, 5)


def test_the_log_is_read_between_two_positions(log: str) -> None:
    reading = _read(source="log", path=log, after=1, until=4)
    assert (reading.first_position, reading.last_position) == (2, 4)
    assert reading.table.events.height == 2


def test_a_project_sees_its_own_events_only(log: str) -> None:
    assert _read(source="log", path=log, project="other").table.events.height == 1


def test_a_project_without_events_has_nothing_to_learn_from(log: str) -> None:
    with pytest.raises(EmptyDataError):
        _read(source="log", path=log, project="nobody")


def test_the_log_can_be_written_again_after_it_was_read(log: str) -> None:
    _read(source="log", path=log)
    store = open_event_store(log)
    assert append(store, make_event("later")).outcomes == ("new",)
    store.close()


def test_a_training_leaves_to_the_service_what_waits_to_be_scrubbed(
    log: str, tmp_path: Path
) -> None:
    with pysqlite.connect(f"{tmp_path}/log.db") as other:
        other.execute("PRAGMA user_version=1")
    _read(source="log", path=log)
    assert other.execute("PRAGMA user_version").fetchone() == (1,)
    other.close()
