"""One server at a time has a log; who only reads it is let in."""

import subprocess
import sys
from pathlib import Path

import pytest

from coadapt.domain.errors import ConflictError, StoreError
from coadapt.stores.exclusive import exclusive
from coadapt.stores.open import open_event_store
from coadapt.stores.reader import LogReader

HOLDING = """
import sys, time
from coadapt.stores.exclusive import exclusive
with exclusive(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'log.db'}"


def test_who_comes_second_is_refused(url: str) -> None:
    with exclusive(url), pytest.raises(ConflictError) as caught, exclusive(url):
        pass
    assert caught.value.code == "store_in_use"


def test_a_log_that_was_let_go_can_be_had_again(url: str) -> None:
    with exclusive(url):
        pass
    with exclusive(url):
        pass


def test_a_link_to_a_log_is_that_log(url: str, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "log.db")
    with exclusive(url), pytest.raises(ConflictError), exclusive(f"sqlite:///{tmp_path}/link.db"):
        pass


def test_a_process_that_is_killed_lets_go(url: str) -> None:
    holding = [sys.executable, "-c", HOLDING, url]
    with subprocess.Popen(holding, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ConflictError), exclusive(url):
            pass
        holder.kill()
    with exclusive(url):
        pass


def test_a_training_reads_a_log_that_is_held(url: str) -> None:
    with exclusive(url):
        open_event_store(url).close()
        reader = LogReader(url)
        assert list(reader.scan()) == []
        reader.close()


def test_a_log_in_memory_is_nobody_elses() -> None:
    with exclusive("sqlite://"), exclusive("sqlite://"):
        pass


def test_a_folder_that_is_not_there_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError), exclusive(f"sqlite:///{tmp_path}/nothing/log.db"):
        pass
