from pathlib import Path

from contest.roster import Roster
from contest.rows import Occasion, Row
from contest.tables import Standing, published_table, quality_table

OCCASION = Occasion("topn", "make bench-topn", "2026-11-22", "abc")
ROSTER = Roster.read(Path(__file__).parents[3] / "benchmarks" / "settings.toml")


def row(method: str, value: float, **facts: object) -> Row:
    return OCCASION.row("ndcg@10", value, dataset="ml-1m", method=method, seed=0, **facts)


def table_of(*rows: Row) -> list[str]:
    return quality_table(Standing.of(rows, "ml-1m"), ROSTER).splitlines()


def test_ours_stands_before_its_peer_with_the_ratio() -> None:
    lines = table_of(row("numpy ease", 0.1, peer=True), row("ease", 0.2))
    assert lines[2].startswith("| **ease** |")
    assert lines[2].endswith("| 2.00 |")
    assert lines[3].startswith("| numpy ease |")


def test_a_mean_over_seeds_stands_for_its_seeds() -> None:
    mean = {**row("sasrec", 0.3), "seed": None}
    assert "0.3000" in table_of(row("sasrec", 0.2), mean)[2]


def test_a_published_figure_stands_beside_its_source() -> None:
    facts = {"peer": True, "source": "published: a paper"}
    rows = [
        OCCASION.row(metric, 0.3, dataset="ml-1m", method="HSTU", **facts)
        for metric in ("hr@10", "ndcg@10")
    ]
    assert published_table(Standing.of(rows, "ml-1m")).endswith("| published: a paper |")
