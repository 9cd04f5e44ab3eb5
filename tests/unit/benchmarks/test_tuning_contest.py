"""Searchers' studies are kept, ranked and compared as decision 11 says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from contest.rows import Occasion
from optuna.samplers import RandomSampler
from tuning.arenas import synthetic_arenas
from tuning.cells import Cell, Cells, Played, all_cells
from tuning.figures import REAL, contest_rows
from tuning.judging import SOLVED, Regrets, verdicts
from tuning.models import MODELS, loss
from tuning.page import tuning_parts
from tuning.playing import play
from tuning.replay import Replay
from tuning.tables import Losses, Pair, build_table, read_table

RANGES = {"bowl": 10.0, "valley": 1000.0}


def played(problem: str, searcher: str, seed: int, regret: float) -> Played:
    return Played(problem, searcher, seed, *[regret] * 4, cpu_s=1.0, ask_ms=2.0)


def both(ours: float, theirs: float) -> list[Played]:
    """Return two searchers' regrets, relative to each problem's range, on both problems."""
    pairs = [("ours", ours), ("theirs", theirs)]
    return [played(p, s, 0, regret * RANGES[p]) for p in RANGES for s, regret in pairs]


def test_a_cell_is_played_once(tmp_path: Path) -> None:
    cells = Cells(tmp_path / "cells.csv")
    wanted = list(all_cells(["bowl"], ["ours", "theirs"], n_seeds=1))
    cells.add(played("bowl", "ours", 0, 1.0))
    assert cells.missing(wanted) == [Cell("bowl", "theirs", 0)]


def test_a_line_that_a_crash_cut_off_is_played_again(tmp_path: Path) -> None:
    cells = Cells(tmp_path / "cells.csv")
    cells.add(played("bowl", "ours", 0, 1.0))
    with (tmp_path / "cells.csv").open("a") as file:
        file.write("bowl,ours,1,0.5")
    assert [each.seed for each in cells.read()] == [0]


def test_tidying_loses_nothing(tmp_path: Path) -> None:
    cells = Cells(tmp_path / "cells.csv")
    for seed in (2, 0, 1):
        cells.add(played("bowl", "ours", seed, seed / 3))
    before = cells.read()
    cells.tidy()
    assert cells.read() == before


def test_the_lower_median_wins() -> None:
    assert verdicts(both(0.1, 0.2), RANGES, "ours")["theirs"].wins == 1.0


def test_regrets_within_a_millionth_of_the_range_are_a_tie() -> None:
    alike = both(0.1, 0.1 + 1e-8)
    assert verdicts(alike, RANGES, "ours")["theirs"].wins == 0.5
    assert Regrets.of(alike, RANGES, 100).ranks().tolist() == [1.5, 1.5]


def test_only_seeds_that_all_have_played_count() -> None:
    more = [*both(0.1, 0.2), replace(both(0.1, 0.2)[0], seed=1)]
    assert Regrets.of(more, RANGES, 100).n_seeds == 1


def test_the_score_is_the_share_of_the_random_searchs_regret_that_is_saved() -> None:
    cells = [replace(each, searcher="random") for each in both(0.4, 0.0) if each.searcher == "ours"]
    cells += both(0.1, 0.4)
    regrets = Regrets.of(cells, RANGES, 100)
    found = regrets.scores()
    assert found is not None
    assert dict(zip(regrets.searchers, found, strict=True)) == pytest.approx(
        {"ours": 75.0, "random": 0.0, "theirs": 0.0}
    )
    assert Regrets.of(both(0.1, 0.2), RANGES, 100).scores() is None


def against_chance(by_problem: dict[str, tuple[float, float]]) -> list[Played]:
    """Return our regrets and those of random search, relative to each problem's range."""
    return [
        played(problem, searcher, 0, regret * RANGES[problem])
        for problem, regrets in by_problem.items()
        for searcher, regret in zip(("ours", "random"), regrets, strict=True)
    ]


def test_a_score_can_leave_out_what_random_search_has_all_but_solved() -> None:
    cells = against_chance({"bowl": (0.2, 0.4), "valley": (1e-7, 1e-5)})
    regrets = Regrets.of(cells, RANGES, 100)
    assert regrets.scores() == pytest.approx([(50 + 99) / 2, 0])
    assert regrets.scores(SOLVED) == pytest.approx([50, 0])


def rank_table(by_problem: dict[str, tuple[float, float]]) -> str:
    occasion = Occasion("tuning", "make bench-tuning", "2026-11-28", "abc")
    rows = contest_rows(occasion, REAL, against_chance(by_problem), RANGES, "ours")
    return "".join(tuning_parts(list(rows)))


def test_the_page_shows_both_scores_where_they_differ() -> None:
    shown = rank_table({"bowl": (0.2, 0.4), "valley": (1e-7, 1e-5)})
    assert "score at 100 | without solved |" in shown
    assert "| 74.5 | 50.0 |" in shown
    assert "without solved" not in rank_table({"bowl": (0.2, 0.4), "valley": (0.1, 0.5)})


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        ("tree", "min_samples_leaf", 0.41731235),
        ("forest", "min_impurity_decrease", 0.12966271),
        ("mlp", "learning_rate_init", 3.4744555e-5),
        ("svm", "gamma", 0.0049665386),
        ("knn", "p", 2.0176323),
        ("linear", "strength", 0.22831818),
    ],
)
def test_the_kept_tables_are_of_the_settings_that_are_drawn(
    model: str, name: str, value: float
) -> None:
    assert Pair(model, "iris").settings()[77][name] == pytest.approx(value, rel=1e-6)


def test_a_study_comes_nearer_with_more_evaluations() -> None:
    cell = Cell("branin-2", "random", 0)
    found = play(synthetic_arenas()["branin-2"], cell, lambda seed: RandomSampler(seed=seed))
    regrets = [found.regret_20, found.regret_50, found.regret_100, found.regret_200]
    assert (np.diff(regrets) <= 0).all()
    assert regrets[-1] >= 0


def test_rows_tell_ranks_wins_and_costs() -> None:
    occasion = Occasion("tuning", "make bench-tuning", "2026-11-28", "abc")
    rows = list(contest_rows(occasion, "all", both(0.1, 0.2), RANGES, "ours"))
    found = {(row["metric"], row["method"]): row["value"] for row in rows}
    assert found["wins over theirs", "ours"] == 1.0
    assert found["mean rank, 100 evaluations", "ours"] == 1.0
    assert found["CPU seconds a study of 200", "theirs"] == 1.0


def test_a_table_goes_on_where_it_stopped(tmp_path: Path) -> None:
    pair = Pair("knn", "iris")
    first = [number for number, _ in zip(build_table(pair, tmp_path), range(3), strict=False)]
    assert first == [0, 1, 2]
    assert read_table(pair, tmp_path) is None
    assert next(build_table(pair, tmp_path)) > 2


def test_a_table_in_which_nothing_fits_is_refused(tmp_path: Path) -> None:
    rows = [f"{number},nan,0.1" for number in range(256)]
    (tmp_path / "mlp-iris.csv").write_text("\n".join(["setting,loss,seconds", *rows, ""]))
    with pytest.raises(ValueError, match="no setting could be fitted"):
        read_table(Pair("mlp", "iris"), tmp_path)


@pytest.mark.parametrize("dataset", ["iris", "diabetes"])
@pytest.mark.parametrize("model", MODELS)
def test_every_model_fits_classes_and_numbers(model: str, dataset: str) -> None:
    assert np.isfinite(loss(model, dataset, Pair(model, dataset).settings()[0]))


def test_a_replay_answers_a_setting_of_the_table_by_what_was_measured() -> None:
    pair = Pair("tree", "iris")
    table = Losses(pair, np.linspace(1.0, 2.0, len(pair.settings())))
    replay = Replay(pair.space, pair.settings(), table.losses)
    assert replay.outcome(pair.settings()[77]) == pytest.approx(table.losses[77], rel=1e-6)


def test_a_replay_never_takes_one_choice_for_another() -> None:
    pair = Pair("knn", "iris")
    is_uniform = np.array([each["weights"] == "uniform" for each in pair.settings()])
    replay = Replay(pair.space, pair.settings(), np.where(is_uniform, 1.0, 5.0))
    assert replay.outcome({"n_neighbors": 7, "p": 2.0, "weights": "distance"}) == pytest.approx(5.0)


def test_what_follows_a_line_that_a_crash_cut_off_is_whole(tmp_path: Path) -> None:
    cells = Cells(tmp_path / "cells.csv")
    cells.add(played("bowl", "ours", 0, 1.0))
    with (tmp_path / "cells.csv").open("a") as file:
        file.write("bowl,ours,1,0.5")
    cells.add(played("bowl", "ours", 2, 1.0))
    assert [each.seed for each in cells.read()] == [0, 2]
