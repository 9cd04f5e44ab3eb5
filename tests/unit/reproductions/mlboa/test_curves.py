"""Learning curves are replayed to searchers, and who stops hopeless trials early gains by it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from contest.rows import Occasion
from mlboa.space import SPACE, draw_settings, values_of
from mlboa.table import N_EPOCHS, Curve, CurveTable
from tuning.curve_cells import CURVE_BUDGETS, CurveCells, curve_rows
from tuning.curves import N_SETTINGS, CurveArena, curve_arena, play_curves
from tuning.page import tuning_parts

from coadapt.domain.errors import DataError

KEPT = Path(__file__).parents[4] / "reproductions" / "results" / "lstm-settings.csv"

OCCASION = Occasion("tuning", "make bench-tuning", "2026-11-28", "abc")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write curves whose end is seen from their first epoch on: the faster learner ends higher."""
    path = tmp_path_factory.mktemp("curves") / "lstm-settings.csv"
    table = CurveTable(path, N_EPOCHS)
    for number, setting in enumerate(draw_settings(N_SETTINGS)):
        point = SPACE.point_of(values_of(setting))
        end = 0.8 - 0.3 * (point[1] - 0.6) ** 2 - 0.2 * (point[5] - 0.7) ** 2
        accuracies = tuple(end - 0.2 * math.exp(-epoch / 4) for epoch in range(N_EPOCHS))
        table.add(number, setting, Curve(accuracies, tuple(range(1, N_EPOCHS + 1))))
    return path


@pytest.fixture(scope="module")
def arena(table: Path) -> CurveArena:
    found = curve_arena(table)
    assert found is not None
    return found


def test_a_setting_of_the_table_is_replayed_as_it_was(arena: CurveArena, table: Path) -> None:
    setting, known = draw_settings(N_SETTINGS)[77], CurveTable(table, N_EPOCHS).curves()[77]
    losses, seconds = arena.curve(values_of(setting))
    np.testing.assert_allclose(losses, 1 - np.array(known.accuracies), rtol=1e-6)
    np.testing.assert_allclose(seconds, known.seconds, rtol=1e-6)


def test_an_unfinished_table_is_no_arena(tmp_path: Path) -> None:
    CurveTable(tmp_path / "few.csv", N_EPOCHS).add(
        0, draw_settings(1)[0], Curve((0.5,) * N_EPOCHS, (1.0,) * N_EPOCHS)
    )
    assert curve_arena(tmp_path / "few.csv") is None


def test_a_table_of_other_settings_is_refused(tmp_path: Path) -> None:
    first, second = draw_settings(2)
    CurveTable(tmp_path / "other.csv", N_EPOCHS).add(
        1, first, Curve((0.5,) * N_EPOCHS, (1.0,) * N_EPOCHS)
    )
    with pytest.raises(DataError, match="setting 1 is not the one drawn there"):
        CurveTable(tmp_path / "other.csv", N_EPOCHS).check([first, second])


def test_the_kept_table_is_of_the_settings_that_are_drawn() -> None:
    CurveTable(KEPT, N_EPOCHS).check(draw_settings(N_SETTINGS))


def test_more_budget_is_never_worse(arena: CurveArena) -> None:
    replayed = play_curves(arena, "random", seed=0)
    for unit in ("epochs", "seconds"):
        regrets = [replayed.regrets[each] for each in CURVE_BUDGETS if each.unit == unit]
        assert regrets == sorted(regrets, reverse=True)
        assert regrets[-1] >= 0


def test_epochs_and_seconds_agree_where_an_epoch_takes_a_second(arena: CurveArena) -> None:
    regrets = play_curves(arena, "random", seed=1).regrets
    half = len(CURVE_BUDGETS) // 2
    assert [*regrets.values()][:half] == [*regrets.values()][half:]


def test_stopping_early_finds_more_for_the_same_epochs(arena: CurveArena) -> None:
    def mean_regret(player: str) -> float:
        studies = [play_curves(arena, player, seed) for seed in range(3)]
        return float(np.mean([study.regrets[CURVE_BUDGETS[3]] for study in studies]))

    assert mean_regret("random + asha") < mean_regret("random")


def test_studies_are_kept_and_ranked(arena: CurveArena, tmp_path: Path) -> None:
    cells = CurveCells(tmp_path / "cells.csv")
    for player, seed in cells.missing(["random", "random + asha"], n_seeds=1):
        cells.add(play_curves(arena, player, seed))
    assert cells.missing(["random", "random + asha"], n_seeds=2) == [
        ("random", 1),
        ("random + asha", 1),
    ]
    rows = [*curve_rows(OCCASION, cells.read())]
    ranks = [row["value"] for row in rows if row["metric"] == "mean rank, epochs of 100 trainings"]
    assert sum(ranks) == 3.0
    assert "| random + asha |" in "".join(tuning_parts(rows))
