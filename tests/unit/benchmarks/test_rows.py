from pathlib import Path

from contest.rows import Occasion, merge_rows, read_rows, write_rows

OCCASION = Occasion("topn", "make bench-topn", "2026-11-22", "abc")


def row(method: str, value: float, seed: int | None = 0, **facts: object) -> dict[str, object]:
    return OCCASION.row("ndcg@10", value, dataset="toy", method=method, seed=seed, **facts)


def test_a_newer_figure_takes_the_place_of_the_older() -> None:
    merged = merge_rows([row("ease", 0.1)], [row("ease", 0.2)])
    assert [kept["value"] for kept in merged] == [0.2]


def test_figures_of_other_seeds_methods_and_sides_stay() -> None:
    old = [row("ease", 0.1, seed=1), row("als", 0.1), row("ease", 0.1, peer=True)]
    assert len(merge_rows(old, [row("ease", 0.2)])) == 4


def test_an_ablation_does_not_take_the_place_of_the_full_model() -> None:
    assert len(merge_rows([row("duve", 0.2)], [row("duve", 0.1, ablation="no decay")])) == 2


def test_all_points_of_a_curve_are_replaced_together() -> None:
    old = [row("sasrec", 0.1, seconds=10.0), row("sasrec", 0.2, seconds=20.0)]
    assert len(merge_rows(old, [row("sasrec", 0.3, seconds=5.0)])) == 1


def test_rows_survive_their_file(tmp_path: Path) -> None:
    rows = [row("ease", 0.1)]
    write_rows(tmp_path / "results" / "topn.json", rows)
    assert read_rows(tmp_path / "results" / "topn.json") == rows


def test_a_command_is_kept_without_the_places_of_this_machine() -> None:
    arguments = ["--data", "/home/me/data", "--seeds", "0,1", "--results=/tmp/r.json"]
    occasion = Occasion.now("topn", "bench-topn", arguments)
    assert occasion.command == 'make bench-topn ARGS="--seeds 0,1"'
