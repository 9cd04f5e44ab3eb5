from pathlib import Path

import numpy as np
import pytest
from contest.referee import Outcome
from contest.roster import Player
from contest.rows import Occasion
from contest.scoring import CURVE, Entry, over_seeds, published_rows, rows_of

OCCASION = Occasion("topn", "make bench-topn", "2026-11-22", "abc")
FACTS = {"dataset": "toy", "protocol": "toy", "method": "ease", "seed": 0, "peer": False}
ENTRY = Entry(OCCASION, Player("ease", "ease", "coadapt", "with_coadapt", ({},)), FACTS)
POINTS = [{"cpu_s": 10.0, "ndcg": 0.1}, {"cpu_s": 20.0, "ndcg": 0.2}]
OUTCOME = Outcome({"regularization": 5.0}, [1.0, 1.0, 20.0], {"train_seconds": 2.0}, POINTS)
ROWS = list(rows_of(ENTRY, OUTCOME, np.arange(4), 0.15))


def value_of(metric: str) -> list[float]:
    return [row["value"] for row in ROWS if row["metric"] == metric]


def test_accuracy_is_a_mean_over_users() -> None:
    assert value_of("hr@10") == [pytest.approx(2 / 3, abs=1e-6)]


def test_the_chosen_setting_is_a_figure() -> None:
    assert value_of("chosen regularization") == [5.0]


def test_every_epoch_is_a_point_of_the_curve() -> None:
    assert value_of(CURVE) == [0.1, 0.2]


def test_the_first_point_past_the_goal_gives_its_time() -> None:
    assert value_of("cpu seconds to ndcg@10 of 0.15") == [20.0]


def test_limits_over_seeds_are_one_standard_error_away() -> None:
    seeds = [OCCASION.row("hr@10", value, **FACTS) for value in (0.1, 0.3)]
    mean = over_seeds(seeds)[0]
    assert (mean["value"], mean["low"], mean["high"]) == pytest.approx((0.2, 0.1, 0.3))


def test_published_figures_name_their_source() -> None:
    path = Path(__file__).parents[3] / "benchmarks" / "published.toml"
    rows = list(published_rows(OCCASION, path, "ml-1m"))
    assert {row["source"].split(":")[0] for row in rows} == {"published"}
