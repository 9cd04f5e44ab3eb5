"""`coadapt serve`: events and recommendations over HTTP."""

from __future__ import annotations

import logging
import os
import signal
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from coadapt.api.assembly import open_loop
from coadapt.api.server import serve
from coadapt.cli._options import find_run
from coadapt.cli._screen import progress_bar
from coadapt.domain.errors import ConfigError
from coadapt.domain.events import DEFAULT_PROJECT
from coadapt.serving.loop import Loop
from coadapt.serving.promote import add_and_promote
from coadapt.settings import Settings, load_settings, settings_from

_logger = logging.getLogger(__name__)

DEFAULT_CONFIG: Final = Path("coadapt.toml")

app = typer.Typer()


@app.command(name="serve")
def command(
    config: Annotated[
        Path | None, typer.Option(help="Settings in TOML [default: coadapt.toml if it is there].")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one.")] = None,
    store: Annotated[str | None, typer.Option(help="URL of the event log.")] = None,
    runs: Annotated[Path | None, typer.Option(help="Folder of runs and pipelines.")] = None,
    run: Annotated[
        str | None, typer.Option(help="Promote this run first (an id, `latest` …).")
    ] = None,
    *,
    value: Annotated[
        str | None, typer.Option(help="Forecast people's value with this run, from now on.")
    ] = None,
    log_level: Annotated[
        str | None, typer.Option(help="How much to log: debug, info, warning or error.")
    ] = None,
) -> None:
    """Serve events and recommendations over HTTP."""
    # Read by PyTorch when a run loads it: scoring has one thread, so that answers do not fight.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # uvicorn raises the signal again when it has finished; by default that would end everything.
    signal.signal(signal.SIGTERM, _leave)
    flags = {"host": host, "port": port, "store_url": store, "runs": runs, "log_level": log_level}
    settings = _settings(
        config, {name: value for name, value in flags.items() if value is not None}
    )
    _log_to_stderr(settings)
    with progress_bar("starting") as progress:
        loop = open_loop(settings, progress)
    try:
        if run is not None or value is not None:
            _promote(loop, _pipeline(loop, run, value))
        serve(loop, settings, lambda url: print(f"serving {url}", flush=True))
    finally:
        loop.close()


def _log_to_stderr(settings: Settings) -> None:
    """Write the log to stderr: ours from the level that the settings say, others' warnings."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("coadapt").setLevel(settings.log_level.upper())


def _leave(number: int, frame: object) -> None:
    """End in order: close what is open on the way out."""
    del number, frame
    raise SystemExit(0)


def _pipeline(loop: Loop, run: str | None, value: str | None) -> dict[str, Any]:
    """Return what serves now with what the command line replaces. Raises ConfigError."""
    live = loop.live.get(DEFAULT_PROJECT)
    document = {} if live is None else live.config.model_dump(mode="json", exclude_none=True)
    if run is not None:
        document["recommender"] = find_run(loop.runs, run)
    if value is not None:
        document["value"] = find_run(loop.runs, value, kind="value")
    if "recommender" not in document:
        raise ConfigError("a value model serves beside a recommender: give --run too", field="run")
    return document


def _promote(loop: Loop, document: dict[str, Any]) -> None:
    """Let a pipeline serve, unless the one that does is the same."""
    live = loop.live.get(DEFAULT_PROJECT)
    if live is not None:
        if document == live.config.model_dump(mode="json", exclude_none=True):
            return
        _logger.warning("%s is replaced, as the command line says", live.reference)
    add_and_promote(loop, DEFAULT_PROJECT, document)


def _settings(config: Path | None, flags: dict[str, Any]) -> Settings:
    """Return file, environment and command line as settings, the later winning."""
    path = config or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None)
    settings = load_settings(path, os.environ)
    kept = settings.model_dump(exclude_defaults=True)
    return settings_from(kept | flags, str(path or "command line"))
