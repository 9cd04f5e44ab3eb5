"""Check that a data source keeps the contract of `coadapt.data.sources.base`."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from coadapt.data.preprocessing import PreprocessingConfig, preprocess
from coadapt.data.sources._checks import BAD_ROW_SCHEMA, EVENT_SCHEMA
from coadapt.data.sources.base import Source, SourceTable
from coadapt.domain.errors import DataError
from coadapt.domain.events import is_interest


class SourceContract:
    """Subclass this and override the fixture `source` and, unless it reads no file, `path`.

    What `path` names should hold good rows only, of at least two events.
    """

    @pytest.fixture
    def source(self) -> Source[Any]:
        """Return the source to check."""
        raise NotImplementedError("override the fixture `source` with one of yours")

    @pytest.fixture
    def path(self) -> Path:
        """Return a file or folder that the source reads."""
        return Path()

    @pytest.fixture
    def table(self, source: Source[Any], path: Path) -> SourceTable:
        """Return what the source reads there."""
        return source.read(path)

    def test_the_table_bears_the_plug_ins_name(
        self, source: Source[Any], table: SourceTable
    ) -> None:
        """A source is known by the name of its file."""
        assert table.name == type(source).__module__.rpartition(".")[2]

    def test_events_have_their_columns_and_types(self, table: SourceTable) -> None:
        """More columns may follow; these are always there."""
        schema = table.events.schema
        assert {name: schema[name] for name in EVENT_SCHEMA} == EVENT_SCHEMA
        assert table.events.height >= 2

    def test_bad_rows_have_file_line_and_reason(self, table: SourceTable) -> None:
        """A sample of good rows has no bad one."""
        assert dict(table.bad_rows.schema) == BAD_ROW_SCHEMA
        assert table.bad_rows.is_empty()

    def test_events_stand_in_the_order_of_their_lines(self, table: SourceTable) -> None:
        """A line is told of every event, and each is told once."""
        lines = table.events["line"]
        assert lines.is_sorted()
        assert lines.is_unique().all()
        assert lines.null_count() == 0

    def test_every_event_has_a_user_a_type_and_a_time(self, table: SourceTable) -> None:
        """Only the item and the value may be missing."""
        events = table.events
        assert events.select("user_id", "type", "timestamp").null_count().row(0) == (0, 0, 0)
        assert events["type"].str.contains(r"^[a-z][a-z0-9_]{0,63}$").all()

    def test_ids_are_never_empty_text(self, table: SourceTable) -> None:
        """What is missing is null."""
        ids = pl.concat([table.events["user_id"], table.events["item_id"].drop_nulls()])
        assert (ids.str.len_bytes() > 0).all()

    def test_values_are_finite_or_missing(self, table: SourceTable) -> None:
        """No NaN and no infinity gets in."""
        assert table.events["value"].drop_nulls().is_finite().all()

    def test_no_event_comes_from_nowhere(self, table: SourceTable) -> None:
        """Several rows may make one event, never the other way round."""
        assert table.n_rows_read >= table.events.height

    def test_descriptions_have_one_row_an_id(self, table: SourceTable) -> None:
        """Items and users are described once."""
        items = _or_empty(table.item_table, "item_id")["item_id"]
        users = _or_empty(table.user_table, "user_id")["user_id"]
        assert items.is_unique().all()
        assert users.is_unique().all()
        assert (items.null_count(), users.null_count()) == (0, 0)

    def test_ties_name_two_people(self, table: SourceTable) -> None:
        """Both ends of a tie are there."""
        ties = _or_empty(table.ties, "user_id", "target_user_id")
        assert ties.select("user_id", "target_user_id").null_count().row(0) == (0, 0)

    def test_reading_again_gives_the_same(
        self, source: Source[Any], path: Path, table: SourceTable
    ) -> None:
        """A training can be repeated."""
        assert source.read(path).events.equals(table.events)

    def test_what_was_read_can_be_learnt_from(self, table: SourceTable) -> None:
        """A table becomes a dataset of its events of interest without further ado."""
        dataset, _ = preprocess(table, PreprocessingConfig())
        types = table.events.drop_nulls("item_id")["type"].to_list()
        assert dataset.n_events == sum(map(is_interest, types))

    def test_an_unknown_option_is_refused(self, source: Source[Any]) -> None:
        """A misspelt option is no silent default."""
        with pytest.raises(ValidationError):
            type(source).Config.model_validate({"no_such_option": 1})


class FileSourceContract(SourceContract):
    """Check besides how a source treats files; the sample is text and needs at least two lines."""

    def test_its_own_form_is_known(self, source: Source[Any], path: Path) -> None:
        """Detection tells the sample by itself."""
        assert type(source).matches(path)

    @pytest.mark.parametrize("content", [b"", b"\0\1\2", b"\x1f\x8bcut", b"hello\n", b"{}\n[]\n"])
    def test_foreign_files_are_not_claimed(
        self, source: Source[Any], tmp_path: Path, content: bytes
    ) -> None:
        """Detection looks into any file and never fails on one."""
        (tmp_path / "foreign").mkdir()
        file = tmp_path / "foreign" / "something.csv"
        file.write_bytes(content)
        assert not type(source).matches(file)
        assert not type(source).matches(file.parent)

    def test_a_path_that_is_not_there_is_named(self, source: Source[Any], tmp_path: Path) -> None:
        """The error is about the data and names the place."""
        with pytest.raises(DataError, match="nowhere"):
            source.read(tmp_path / "nowhere")

    def test_an_empty_folder_is_named(self, source: Source[Any], tmp_path: Path) -> None:
        """Nothing to read is an error and not an empty table."""
        (tmp_path / "bare").mkdir()
        with pytest.raises(DataError, match="bare"):
            source.read(tmp_path / "bare")

    def test_the_files_that_were_read_are_told(self, table: SourceTable) -> None:
        """The file of events comes first."""
        assert table.files
        assert all(file.is_file() for file in table.files)

    def test_gzipped_files_read_alike(
        self, source: Source[Any], path: Path, table: SourceTable, tmp_path: Path
    ) -> None:
        """Nobody needs to unpack a download."""
        packed = source.read(_gzipped(path, tmp_path / "packed"))
        assert packed.events.equals(table.events)
        assert all(file.suffix == ".gz" for file in packed.files)

    def test_progress_ends_at_the_whole(self, source: Source[Any], path: Path) -> None:
        """A bar can be drawn."""
        told: list[tuple[float, float]] = []
        source.read(path, lambda done, total, _: told.append((done, total)))
        assert told[-1][0] == told[-1][1]
        assert all(0 <= done <= total for done, total in told)

    def test_a_torn_last_line_costs_only_itself(
        self, source: Source[Any], path: Path, table: SourceTable, tmp_path: Path
    ) -> None:
        """A download that was cut off loses no good row, and says where it ends."""
        torn = _copied(path, tmp_path / "torn")
        file = next(file for file in _files(torn) if file.name == table.files[0].name)
        n_lines = file.read_bytes().count(b"\n")
        file.write_bytes(file.read_bytes() + b"torn")
        again = source.read(torn)
        assert again.events.equals(table.events)
        assert again.bad_rows.select("file", "line").rows() == [(file.name, n_lines + 1)]


def _or_empty(frame: pl.DataFrame | None, *columns: str) -> pl.DataFrame:
    """Return a frame, or one without rows."""
    return pl.DataFrame(schema=dict.fromkeys(columns, pl.String)) if frame is None else frame


def _files(path: Path) -> list[Path]:
    """Return a file itself, or the files of a folder."""
    return [path] if path.is_file() else sorted(path.iterdir())


def _copied(path: Path, folder: Path) -> Path:
    """Copy a file or folder into a new folder and return what corresponds to the path."""
    folder.mkdir()
    for file in _files(path):
        shutil.copy(file, folder)
    return folder / path.name if path.is_file() else folder


def _gzipped(path: Path, folder: Path) -> Path:
    """Pack a file or the files of a folder into a new folder, one by one."""
    folder.mkdir()
    for file in _files(path):
        (folder / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
    return folder / f"{path.name}.gz" if path.is_file() else folder
