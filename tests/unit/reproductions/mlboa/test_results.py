"""Results are kept a seed at a time, laid out beside the published ones, and compared in pairs."""

from pathlib import Path

import pytest
from contest.rows import Occasion, Row, write_rows
from mlboa.contenders import TUNED, UNTUNED, UNTUNED_AT_BEST, Setting
from mlboa.figures import draw_figures
from mlboa.page import write_page
from mlboa.rows import Standing, measured_rows
from mlboa.space import draw_settings, setting_of, values_of
from mlboa.table import Curve, CurveTable
from mlboa.tables import all_tables
from mlboa.task import Measured

from coadapt.domain.errors import DataError

OCCASION = Occasion("mlboa", "make reproduce-mlboa", "2026-01-01", "abc")
CURVE = Curve((0.5, 0.6), (1.0, 2.0))


def measured(method: str, accuracies: list[float]) -> list[Row]:
    rows: list[Row] = []
    for seed, accuracy in enumerate(accuracies):
        facts = {"dataset": "real", "protocol": None, "method": method, "seed": seed}
        measured = Measured({"accuracy": accuracy, "rmse": 0.4}, [accuracy], seconds=3.0)
        rows.extend(measured_rows(OCCASION, facts, measured))
    return rows


ROWS = [*measured("lstm", [0.8, 0.9]), *measured("knn", [0.7, 0.7])]
BOTH = Standing(ROWS, "real")


def test_a_mean_has_its_standard_error() -> None:
    mean = BOTH.mean("lstm", "accuracy")
    assert mean is not None
    assert (mean.value, mean.error) == pytest.approx((0.85, 0.05))


def test_differences_are_paired_by_seed() -> None:
    found = BOTH.compare("lstm", "knn", "accuracy")
    assert found is not None
    assert found.value == pytest.approx(0.15)


@pytest.mark.parametrize(("dataset", "error"), [("70/30", 0.05), ("real", 0.05 * (10 / 7) ** 0.5)])
def test_seeds_that_share_a_stock_prove_less(dataset: str, error: float) -> None:
    rows = [{**row, "dataset": dataset} for row in ROWS]
    found = Standing(rows, dataset).compare("lstm", "knn", "accuracy")
    assert found is not None
    assert found.error == pytest.approx(error)


def test_a_shortened_mix_is_tested_as_the_whole_one() -> None:
    assert Standing([], "clothing, 600 examples").is_of_one_stock
    assert not Standing([], "70/30, 600 examples").is_of_one_stock


def test_p_values_are_corrected_for_the_tests_of_the_table() -> None:
    rows = [*ROWS, *measured("majority", [0.5, 0.5])]
    found = Standing(rows, "real").compare_all("lstm", "accuracy")
    smaller, larger = sorted(found.values(), key=lambda each: each.p_value)
    assert smaller.p_holm == pytest.approx(2 * smaller.p_value)
    assert larger.p_holm == pytest.approx(max(2 * smaller.p_value, larger.p_value))


def test_the_tuned_lstm_is_shown_against_its_start_by_either_rule() -> None:
    rows = [
        *measured(UNTUNED, [0.7, 0.72]),
        *measured(UNTUNED_AT_BEST, [0.74, 0.75]),
        *measured(TUNED, [0.76, 0.78]),
    ]
    shown = all_tables(Standing(rows, "real"), "real")
    assert "gains +6.00 ± 0.00 points on `lstm`" in shown
    assert "+2.50 ± 0.60 points on `lstm at its best epoch`" in shown
    assert "corrected resampled t-test" in shown


def test_one_seed_is_no_test() -> None:
    assert Standing(measured("lstm", [0.8]), "real").compare("lstm", "lstm", "accuracy") is None


def test_figures_of_another_dataset_are_not_counted() -> None:
    assert Standing(measured("lstm", [0.8]), "clothing").methods == []


def test_the_published_figures_stand_beside_ours() -> None:
    assert "| lstm | 85.0 ± 5.0 % | 68.6% |" in all_tables(BOTH, "real")


def test_three_pictures_are_drawn(tmp_path: Path) -> None:
    pictures = draw_figures(BOTH, "real", tmp_path)
    assert [path.read_bytes()[:4] for path in pictures] == [b"\x89PNG"] * 3


def test_the_page_shows_every_mix_that_was_measured(tmp_path: Path) -> None:
    write_rows(tmp_path / "mlboa.json", ROWS)
    page = write_page(tmp_path / "mlboa.json").read_text()
    assert "## real" in page
    assert "## clothing" not in page


def test_settings_are_the_same_at_every_call_and_for_every_number() -> None:
    assert draw_settings(3) == draw_settings(9)[:3]


def test_a_setting_has_the_values_it_was_made_of() -> None:
    drawn = draw_settings(4)[3]
    assert setting_of(values_of(drawn)) == drawn


def test_a_setting_that_is_there_is_not_trained_again(tmp_path: Path) -> None:
    CurveTable(tmp_path / "table.csv", n_epochs=2).add(3, Setting(), CURVE)
    assert CurveTable(tmp_path / "table.csv", n_epochs=2).curves() == {3: CURVE}


def test_a_line_that_a_crash_cut_off_is_written_again(tmp_path: Path) -> None:
    table = CurveTable(tmp_path / "table.csv", n_epochs=2)
    table.add(0, Setting(), CURVE)
    with (tmp_path / "table.csv").open("a") as file:
        file.write("1,16,0.00")
    assert [*table.curves()] == [0]
    table.add(1, Setting(), CURVE)
    assert [*table.curves()] == [0, 1]


def test_a_table_of_other_columns_is_refused(tmp_path: Path) -> None:
    CurveTable(tmp_path / "table.csv", n_epochs=2).add(0, Setting(), CURVE)
    with pytest.raises(DataError, match="other columns"):
        CurveTable(tmp_path / "table.csv", n_epochs=3).curves()
