import random
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Event
from uuid import uuid4

import httpx
import pytest

from coadapt.cli.serve import command
from coadapt.stores.sql import SqlEventStore
from tests.service.conftest import START_S, Server, wait_for

N_KILLS = 20
N_CLIENTS = 4

# Each server is a fork of one process that has imported everything: twenty starts take seconds.
FORKING = get_context("forkserver")
FORKING.set_forkserver_preload(["__main__", "coadapt.cli.serve"])


class ForkedServer:
    """Run `coadapt serve` over one folder, at one port; may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.store_url = f"sqlite:///{folder / 'events.db'}"
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.address = listener.getsockname()
        settings = folder / "coadapt.toml"
        settings.write_text("")
        self._options = {
            "config": settings,
            "host": self.address[0],
            "port": self.address[1],
            "store": self.store_url,
            "runs": folder / "runs",
        }

    def start(self) -> None:
        self._process = FORKING.Process(target=command, kwargs=self._options, daemon=True)
        self._process.start()
        assert wait_for(self._answers, every_s=0.005)

    def kill(self) -> None:
        """End the process as a power cut would."""
        self._process.kill()
        self._process.join()

    def client(self) -> httpx.Client:
        host, port = self.address
        return httpx.Client(base_url=f"http://{host}:{port}", timeout=20.0)

    def _answers(self) -> bool:
        try:
            socket.create_connection(self.address).close()
        except ConnectionRefusedError:
            return False
        return True


def send_until_killed(
    client: httpx.Client, n_events: int, acknowledging: Event
) -> tuple[list[str], list[str]]:
    """Return the ids that were sent and those that were acknowledged."""
    sent: list[str] = []
    acknowledged: list[str] = []
    for events in _batches(n_events):
        ids = [event["event_id"] for event in events]
        sent += ids
        try:
            answer = client.post("/v1/events", json={"events": events})
        except httpx.TransportError:
            break
        acknowledged += ids if answer.status_code == 200 else []
        acknowledging.set()
    return sent, acknowledged


def _batches(n_events: int) -> Iterator[list[dict[str, str]]]:
    while True:
        yield [
            {"type": "page_view", "user_id": f"u{n}", "item_id": "tea", "event_id": uuid4().hex}
            for n in range(n_events)
        ]


def stored_ids(store_url: str) -> Counter[str]:
    store = SqlEventStore(store_url)
    batches = list(store.scan())
    store.close()
    return Counter(i for batch in batches for i in batch.column("event_id").to_pylist())


def run_and_kill(server: ForkedServer) -> tuple[list[str], list[str]]:
    """Load a server, kill it at a random moment, and return what was sent and acknowledged."""
    server.start()
    acknowledging = Event()
    with server.client() as client, ThreadPoolExecutor(N_CLIENTS) as pool:
        sizes = (1 + 20 * n for n in range(N_CLIENTS))
        loads = [pool.submit(send_until_killed, client, size, acknowledging) for size in sizes]
        assert acknowledging.wait(START_S)
        time.sleep(random.uniform(0.0, 0.25))
        server.kill()
        results = [load.result() for load in loads]
    sent = [i for part, _ in results for i in part]
    return sent, [i for _, part in results for i in part]


@pytest.fixture
def killed(tmp_path: Path) -> tuple[str, list[tuple[list[str], list[str]]]]:
    server = ForkedServer(tmp_path)
    return server.store_url, [run_and_kill(server) for _ in range(N_KILLS)]


def test_every_acknowledged_event_is_there_once_after_twenty_kills(
    killed: tuple[str, list[tuple[list[str], list[str]]]],
) -> None:
    store_url, rounds = killed
    sent = {event_id for part, _ in rounds for event_id in part}
    acknowledged = {event_id for _, part in rounds for event_id in part}
    stored = stored_ids(store_url)
    assert all(part for _, part in rounds)
    assert acknowledged <= stored.keys() <= sent
    assert set(stored.values()) == {1}


def test_a_clean_stop_keeps_what_was_acknowledged(serve: Callable[..., Server]) -> None:
    server = serve()
    with server.client() as client:
        event = {"type": "page_view", "user_id": "u", "event_id": "last"}
        client.post("/v1/events", json=event).raise_for_status()
    server.stop()
    assert stored_ids(server.store_url) == {"last": 1}
