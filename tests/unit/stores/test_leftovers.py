"""Free space names a person by a long id anywhere, by a short one where it was theirs."""

import sqlite3
import struct
from pathlib import Path

import pytest
import sqlalchemy as sa

from coadapt.stores._leftovers import Leftovers
from coadapt.stores._tables import EVENTS, METADATA
from coadapt.stores.event_rows import rows_of
from coadapt.testing.stores import make_event


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "log.db"
    engine = sa.create_engine(f"sqlite:///{file}")
    METADATA.create_all(engine)
    engine.dispose()
    return file


def _write_and_orphan(file: Path, **fields: object) -> None:
    """Write an event, then make its page forget that it holds one."""
    (row,) = rows_of([make_event("e-1", timestamp=1_795_300_000_000, **fields)])
    with sqlite3.connect(file) as connection:
        marks = ", ".join("?" * len(EVENTS.c))
        connection.execute(f"INSERT INTO events VALUES ({marks})", (1, *row))
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'events'"
        ((number,),) = connection.execute(query).fetchall()
    connection.close()
    content = bytearray(file.read_bytes())
    n_cells_at = (number - 1) * 4096 + 3
    content[n_cells_at : n_cells_at + 4] = struct.pack(">HH", 0, 4096)
    file.write_bytes(content)


@pytest.mark.parametrize("identifier", ["7", "u1", "tea"])
def test_a_short_id_is_found_where_it_was_a_user(file: Path, identifier: str) -> None:
    _write_and_orphan(file, user_id=identifier, item_id="250")
    assert Leftovers([identifier]).are_in(file)


@pytest.mark.parametrize("identifier", ["7", "1", "e-1", "250"])
def test_a_short_id_is_not_found_where_it_is_something_else(file: Path, identifier: str) -> None:
    _write_and_orphan(file, user_id="172", item_id="250", text="7 days")
    assert not Leftovers([identifier]).are_in(file)


def test_a_short_id_is_found_where_another_event_named_it(file: Path) -> None:
    _write_and_orphan(file, user_id="ben", target_user_id="7")
    assert Leftovers(["7"]).are_in(file)


def test_a_long_id_is_found_wherever_it_stands(file: Path) -> None:
    _write_and_orphan(file, text="a gift for victim-7781!")
    assert Leftovers(["victim-7781"]).are_in(file)
    assert not Leftovers(["victim-7782"]).are_in(file)
