"""Run the service in this process until it is told to stop."""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from typing import Final

import uvicorn
from fastapi import FastAPI

from coadapt.api.app import create_app
from coadapt.domain.errors import ConfigError
from coadapt.serving.loop import Loop
from coadapt.serving.retrain import Commands, Retrainer
from coadapt.serving.rules import STORE_URL
from coadapt.settings import Settings
from coadapt.training.config import RunConfig
from coadapt.training.kinds import read_any_config

_logger = logging.getLogger(__name__)

GRACE_S = 10
COLLECT_AFTER: Final = (1_000, 5, 100_000)
"""Allocations, then searches, before Python looks for cycles in each generation of objects.

A look stops every thread, so each is kept short: 50,000 new objects at once took 30 to 70 ms. The
oldest, which only grow, are as good as never searched.
"""


def serve(loop: Loop, settings: Settings, announce: Callable[[str], None]) -> None:
    """Answer HTTP until SIGINT or SIGTERM; `announce` is given the URL when the port is open.

    Raises ConfigError when the address cannot be had.
    """
    _collect_garbage_rarely()
    retrainer = Retrainer(loop, training_commands(settings), time.monotonic)
    with closing(retrainer), _listen(settings.host, settings.port) as listener:
        host, port = listener.getsockname()[:2]
        announce(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        try:
            _server(create_app(loop, settings, retrainer=retrainer)).run(sockets=[listener])
        finally:
            # The server raises the signal that ended it once more.
            _logger.info("stopping")


def _collect_garbage_rarely() -> None:
    """Keep what was loaded out of the search for cycles, which stops every thread."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def training_commands(settings: Settings) -> Commands:
    """Return how children train on this installation's log, and compare runs on it.

    Raises ConfigError, now or when a training is due, for a config that trains no recommender.
    """
    runs = str(settings.runs)
    for project in settings.projects.values():
        if project.retrain is not None:
            _check_retrainable(project.retrain.config)

    def train(config: Path, project: str) -> list[str]:
        _check_retrainable(config)
        command = [sys.executable, "-m", "coadapt", "train", str(config), "--json"]
        return [*command, f"--project={project}", f"--runs={runs}"]

    def compare(new_run: str, champion_run: str) -> list[str]:
        now_ms = str(time.time_ns() // 1_000_000)
        contest = "coadapt.serving.contest"
        return [sys.executable, "-m", contest, runs, new_run, champion_run, now_ms]

    return Commands(train, compare, {STORE_URL: settings.store_url})


def _check_retrainable(config: Path) -> None:
    """Raise ConfigError for a config that cannot be read or trains no recommender."""
    if not isinstance(read_any_config(config), RunConfig):
        raise ConfigError(f"{config}: kind must be 'recommender', as only these are retrained")


def _server(app: FastAPI) -> uvicorn.Server:
    """Return the server: one process, one event loop."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        proxy_headers=False,
        log_level="warning",
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    return uvicorn.Server(config)


def _listen(host: str, port: int) -> socket:
    """Open the port; 0 picks a free one."""
    family = AF_INET6 if ":" in host else AF_INET
    listener = socket(family, SOCK_STREAM)
    listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"{host}:{port} cannot be opened ({error.strerror}); try --port"
        ) from None
    listener.listen(2048)
    return listener
