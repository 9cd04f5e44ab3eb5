"""Rows that were written stay, whatever a crash leaves behind them."""

from __future__ import annotations

from pathlib import Path

import pytest
from contest.sheet import BLOCK, Sheet


@pytest.mark.parametrize("n_left", [1, BLOCK - 1, BLOCK, 2 * BLOCK + 5])
def test_a_line_that_a_crash_cut_off_is_taken_away(tmp_path: Path, n_left: int) -> None:
    sheet = Sheet(tmp_path / "sheet.csv", ["name", "figure"])
    sheet.add(["a", "1"])
    with sheet.path.open("a") as file:
        file.write("x" * n_left)
    sheet.add(["b", "2"])
    assert sheet.rows() == [["a", "1"], ["b", "2"]]


def test_a_head_that_a_crash_cut_off_is_written_again(tmp_path: Path) -> None:
    sheet = Sheet(tmp_path / "sheet.csv", ["name", "figure"])
    sheet.path.write_text("na")
    sheet.add(["a", "1"])
    assert sheet.rows() == [["a", "1"]]


def test_replaced_rows_take_the_place_of_all(tmp_path: Path) -> None:
    sheet = Sheet(tmp_path / "sheet.csv", ["name", "figure"])
    sheet.add(["b", "2"])
    sheet.replace([["a", "1"], ["b", "2"]])
    assert sheet.rows() == [["a", "1"], ["b", "2"]]
    assert [*tmp_path.iterdir()] == [sheet.path]


def test_a_sheet_of_other_columns_is_refused(tmp_path: Path) -> None:
    Sheet(tmp_path / "sheet.csv", ["name", "figure"]).add(["a", "1"])
    with pytest.raises(ValueError, match="other columns"):
        Sheet(tmp_path / "sheet.csv", ["name"]).rows()
