"""`coadapt playground`: the whole loop, played here: a shop, a training, a service, shoppers."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live

from coadapt.cli._options import JsonOption
from coadapt.cli._play.board import Board
from coadapt.cli._play.filling import fill
from coadapt.cli._play.gauges import Gauges
from coadapt.cli._play.performance import Performance
from coadapt.cli._play.play import Score, Wishes
from coadapt.cli._play.rehearsal import train_on
from coadapt.cli._play.scene import make_scene
from coadapt.cli._play.service import check_port, running_service
from coadapt.cli._play.stage import write_settings
from coadapt.cli._play.steps import Steps
from coadapt.cli._play.summary import summarize
from coadapt.domain.errors import ConfigError

LIVE_EVERY_S = 0.25
LINE_EVERY_S = 2.0
PICTURE = "playground.svg"
PICTURE_SIZE = (100, 36)

app = typer.Typer()


@app.command(name="playground")
def command(
    *,
    seconds: Annotated[
        float | None, typer.Option(min=0.5, help="End after so many seconds of play.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 picks a free one.")] = 0,
    method: Annotated[str, typer.Option(help="Recommender to train.")] = "ease",
    source: Annotated[
        str | None, typer.Option(help="Real data in place of the shop: movielens, auto, or a name.")
    ] = None,
    path: Annotated[str, typer.Option(help="File or folder of the real data.")] = "",
    folder: Annotated[
        Path | None, typer.Option(help="Keep all, with a picture, in this new folder.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    as_json: JsonOption = False,
) -> None:
    """Play the whole loop here: a shop, a training, a service and its shoppers."""
    wishes = Wishes(source, path, method, port, seed, seconds)
    check_port(port)
    console = Console(stderr=as_json)
    with _ending_on_request(), _place(folder) as place:
        summary = _play(wishes, place, console)
    if as_json:
        print(json.dumps(summary))
    else:
        console.print(_farewell(folder, place))


def _play(wishes: Wishes, folder: Path, console: Console) -> dict[str, Any]:
    """Prepare, serve and play; return the summary."""
    steps = Steps(console)
    with steps.step("making a world") as progress:
        scene = make_scene(wishes, folder, progress)
        goods = scene.world.goods
        steps.told = (
            f"{len(goods.ids):,} items, {len(scene.world.shopper_ids):,} shoppers, "
            f"{len(scene.past):,} past events"
        )
    with steps.step(f"training {wishes.method}") as progress:
        validation = train_on(scene, wishes, folder, progress)
        steps.told = (
            f"validation NDCG@10 {validation.value:.3f}, popularity {validation.popularity:.3f}"
        )
    settings = write_settings(folder, validation.run, wishes.port)
    with steps.starting("starting the service", running_service(settings)) as service:
        with steps.step("sending catalogue and past") as progress:
            n_past = asyncio.run(fill(scene, service, progress))
            steps.told = f"{n_past:,} events over HTTP"
        gauges, score = Gauges(time.monotonic()), Score.of(scene.world)
        board = Board(service.url, scene.world, validation, gauges, score, n_past)
        console.print(f"playing at [bold]{service.url}[/]; Ctrl-C ends it")
        _perform(Performance(scene, service, wishes, gauges, score), board, console)
        summary = summarize(board, time.monotonic())
    _draw(board, folder / PICTURE)
    return summary


def _perform(performance: Performance, board: Board, console: Console) -> None:
    """Let it play, with a live board in a terminal and plain lines elsewhere."""
    if not console.is_terminal:
        asyncio.run(performance.run(_line_printer(board, console), LINE_EVERY_S))
        return
    with Live(console=console, auto_refresh=False, transient=False) as live:

        def refresh() -> None:
            live.update(board.draw(console.height), refresh=True)

        asyncio.run(performance.run(refresh, LIVE_EVERY_S))


def _line_printer(board: Board, console: Console) -> Callable[[], None]:
    """Return what prints the board as one line."""

    def refresh() -> None:
        passed_s = time.monotonic() - board.gauges.started_s
        console.print(board.line(passed_s), soft_wrap=True, highlight=False)

    return refresh


def _draw(board: Board, file: Path) -> None:
    """Save the board as a picture."""
    width, height = PICTURE_SIZE
    recorder = Console(record=True, width=width, height=height, file=StringIO())
    recorder.print(board.draw(height))
    recorder.save_svg(str(file), title="coadapt playground")


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    """Yield a folder to work in: the one that is named, or one that vanishes."""
    if folder is None:
        with TemporaryDirectory(prefix="coadapt-playground-") as name:
            yield Path(name)
        return
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConfigError("--folder must name a new or empty folder", field="folder")
    yield folder.resolve()


@contextmanager
def _ending_on_request() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the play as Ctrl-C does, so that the child goes too."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _farewell(folder: Path | None, place: Path) -> str:
    """Return the last line."""
    if folder is None:
        return "stopped; nothing is left behind (--folder DIR keeps it)"
    return f"stopped; serve it again: coadapt serve --config {place / 'coadapt.toml'}"
