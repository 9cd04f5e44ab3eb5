"""The board shows figures, intervals and what one event changed, in any terminal."""

from dataclasses import replace
from io import StringIO

import polars as pl
import pytest
from rich.console import Console

from coadapt.cli._play.board import BAR_WIDTH, Board, bar, interval_text, moved
from coadapt.cli._play.gauges import Gauges
from coadapt.cli._play.play import Change, Deed, Score, Validation
from coadapt.cli._play.summary import summarize
from coadapt.simulation.click_rate import ClickRate, Rate
from coadapt.simulation.worlds.shop import ShopConfig, make_shop

EVENT = {"type": "add_to_cart", "anonymous_id": "v", "item_id": "classic-kettle", "quantity": 1}
BEFORE = ("everyday-tent", "classic-tent", "classic-hammock")
AFTER = ("classic-tent", "everyday-tent", "premium-kettle")
CHANGE = Change(("premium-tent",), EVENT, BEFORE, AFTER, 12.3)
NOTHING = ClickRate(1).rate()


@pytest.fixture
def board() -> Board:
    world, _ = make_shop(ShopConfig(n_shoppers=5, n_newcomers=1, events_a_shopper=2), 10**12)
    validation = Validation("ndcg@10", "ease", 0.171, 0.05, "2026-run")
    gauges = Gauges(started_s=0.0, n_events=200, n_recommendations=50)
    return Board("http://127.0.0.1:1", world, validation, gauges, Score.of(world), 1_000)


def drawn(board: Board, height: int = 40, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width, height=height)
    with console.capture() as capture:
        console.print(board.draw(height))
    return capture.get()


def test_an_empty_board_can_be_drawn(board: Board) -> None:
    assert "waiting for the first answer" in drawn(board)


def test_the_board_shows_titles_and_not_ids(board: Board) -> None:
    board.score.change = CHANGE
    assert "Premium kettle" in drawn(board)
    assert "premium-kettle" not in drawn(board)


def test_the_board_says_how_long_the_change_took(board: Board) -> None:
    board.score.change = CHANGE
    assert "12 ms after adding Classic kettle" in drawn(board)


def test_the_board_shows_validation_beside_popularitys(board: Board) -> None:
    assert "NDCG@10 0.171 on held-out events, popularity 0.050" in drawn(board)


def test_the_board_shows_what_shoppers_did(board: Board) -> None:
    board.score.recent.append(Deed("mia-1 bought Classic kettle, place 1", is_control=False))
    assert "mia-1 bought Classic kettle" in drawn(board)


@pytest.mark.parametrize(("height", "width"), [(24, 80), (30, 100), (50, 140)])
def test_the_board_fits_into_the_terminal(board: Board, height: int, width: int) -> None:
    long = tuple(f"item-{n}" for n in range(10))
    board.score.change = Change(("premium-tent",), EVENT, long, long[::-1], 12.3)
    assert len(drawn(board, height, width).splitlines()) < height


def test_brackets_in_titles_are_no_markup(board: Board) -> None:
    table = board.world.goods.table.with_columns(title=pl.lit("[bold]odd[/nonsense]"))
    world = replace(board.world, goods=replace(board.world.goods, table=table))
    board.score.change = CHANGE
    assert "[bold]odd" in drawn(replace(board, world=world))


def test_a_line_tells_the_same_where_there_is_no_terminal(board: Board) -> None:
    assert "200 events" in board.line(4.0)


def test_a_bar_ends_where_the_interval_ends() -> None:
    parts = bar(Rate(9, 9, 90, 9, 0.1, 0.05, 0.2), 0.2, "green")
    assert [len(text) for text, _ in parts] == [
        round(BAR_WIDTH / 4),
        BAR_WIDTH - round(BAR_WIDTH / 4),
        0,
    ]


def test_without_exposures_there_is_no_bar_and_no_rate() -> None:
    assert bar(NOTHING, 1.0, "green") == ((" " * BAR_WIDTH, ""),)
    assert interval_text(NOTHING) == "-"


def test_moves_are_told_place_by_place() -> None:
    assert [moved(CHANGE, place)[0] for place in range(4)] == ["↑1", "↓1", "new", ""]


def test_the_summary_holds_both_slates_and_the_event(board: Board) -> None:
    board.score.change = CHANGE
    summary = summarize(board, now_s=100.0)
    assert [item["item_id"] for item in summary["slate_before"]] == list(BEFORE)
    assert summary["slate_after"][2]["title"] == "Premium kettle"
    assert summary["event"] == EVENT


def test_the_summarys_rates_are_over_the_whole_play(board: Board) -> None:
    summary = summarize(board, now_s=100.0)
    assert (summary["events_per_second"], summary["recommendations_per_second"]) == (2.0, 0.5)


def test_the_same_slate_twice_is_no_change(board: Board) -> None:
    board.score.change = Change(("premium-tent",), EVENT, BEFORE, BEFORE, 12.3)
    assert summarize(board, now_s=100.0)["changed"] is False


def test_without_a_change_the_summary_claims_none(board: Board) -> None:
    summary = summarize(board, now_s=100.0)
    assert (summary["changed"], summary["event"], summary["slate_after"]) == (False, None, [])
