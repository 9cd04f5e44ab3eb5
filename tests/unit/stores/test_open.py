"""A store is chosen by its URL, and what stands there is found again."""

from pathlib import Path

import pytest

from coadapt.domain.errors import ConfigError, StoreError
from coadapt.stores.open import open_event_store
from coadapt.testing.stores import append, make_event, read_ids


def test_a_file_is_made_and_found_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a folder 🎉.db"
    first = open_event_store(url)
    append(first, make_event("a"))
    first.close()
    again = open_event_store(url)
    assert read_ids(again) == ["a"]
    again.close()


def test_memory_is_each_stores_own() -> None:
    first, second = open_event_store("sqlite://"), open_event_store("sqlite://")
    append(first, make_event("a"))
    assert read_ids(second) == []
    first.close()
    second.close()


def test_a_folder_that_is_not_there_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened: unable to open"):
        open_event_store(f"sqlite:///{tmp_path}/nothing/log.db")


def test_a_file_of_something_else_is_left_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "log.db"
    file.write_text("this is no database, however long it is\n" * 200)
    with pytest.raises(StoreError):
        open_event_store(f"sqlite:///{file}")
    assert file.read_text().startswith("this is no database")


@pytest.mark.parametrize("url", ["sqlite", "/var/log.db", "redis://localhost"])
def test_what_names_no_store_says_what_does(url: str) -> None:
    with pytest.raises(ConfigError, match="sqlite"):
        open_event_store(url)
