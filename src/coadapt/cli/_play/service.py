"""Run the real service as a child process that never outlives the play."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

from coadapt.domain.errors import CoadaptError, ConfigError

HOST = "127.0.0.1"
START_LIMIT_S = 90.0
STOP_LIMIT_S = 12.0
ANNOUNCEMENT = "serving "


class ServiceError(CoadaptError):
    """Report that the child did not start or ended by itself."""

    default_code = "service_stopped"


@dataclass(frozen=True)
class Service:
    """Hold a running child and the URL at which it answers."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    def check(self) -> None:
        """Raise ServiceError if the child is gone."""
        status = self.process.poll()
        if status is not None:
            words = _last_words(self.log)
            raise ServiceError(f"the service ended by itself with status {status}; {words}")


def check_port(port: int) -> None:
    """Raise ConfigError if a port is in use; 0 stands for any free one."""
    with socket(AF_INET, SOCK_STREAM) as probe:
        probe.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ConfigError(
                f"port {port} cannot be opened ({error.strerror}); name another by --port",
                field="port",
            ) from None


@contextmanager
def running_service(settings: Path) -> Iterator[Service]:
    """Start `coadapt serve`, yield it when its port is open, stop it whatever happens.

    Raises ServiceError. Its standard error is kept in `service.log` beside the settings.
    """
    log = settings.parent / "service.log"
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "coadapt", "serve", "--config", str(settings)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=_environment(),
            # In a session of its own, so that Ctrl-C reaches the play, which stops the child.
            start_new_session=True,
        )
        try:
            yield Service(_wait_for_url(process, log), process, log)
        finally:
            _stop(process)


def _environment() -> dict[str, str]:
    """Return the environment without settings of another installation."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COADAPT_")}


def _wait_for_url(process: subprocess.Popen[str], log: Path) -> str:
    """Return the URL that the child announces."""
    assert process.stdout is not None
    deadline = time.monotonic() + START_LIMIT_S
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.select(deadline - time.monotonic())
        line = process.stdout.readline() if selector.select(0) else ""
    if not line.startswith(ANNOUNCEMENT):
        raise ServiceError(f"the service did not start; {_last_words(log)}")
    return line.removeprefix(ANNOUNCEMENT).strip()


def _last_words(log: Path) -> str:
    """Return the last line that the child wrote."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f"its last words: {lines[-1]}" if lines else "it said nothing"


def _stop(process: subprocess.Popen[str]) -> None:
    """Ask the child to end, then insist."""
    process.terminate()
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
