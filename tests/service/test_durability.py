import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from coadapt.stores.sql import SqlEventStore
from tests.service.conftest import Server

N_KILLS = 20
N_CLIENTS = 4


def send_until_killed(server: Server, n_events: int) -> tuple[list[str], list[str]]:
    """Return the ids that were sent and those that were acknowledged."""
    sent: list[str] = []
    acknowledged: list[str] = []
    with server.client() as client:
        for events in _batches(n_events):
            ids = [event["event_id"] for event in events]
            sent += ids
            try:
                answer = client.post("/v1/events", json={"events": events})
            except httpx.TransportError:
                return sent, acknowledged
            acknowledged += ids if answer.status_code == 200 else []
    return sent, acknowledged


def _batches(n_events: int) -> Iterator[list[dict[str, str]]]:
    while True:
        yield [
            {"type": "page_view", "user_id": f"u{n}", "item_id": "tea", "event_id": uuid4().hex}
            for n in range(n_events)
        ]


def stored_ids(server: Server) -> Counter[str]:
    store = SqlEventStore(server.store_url)
    batches = list(store.scan())
    store.close()
    return Counter(i for batch in batches for i in batch.column("event_id").to_pylist())


def run_and_kill(server: Server) -> tuple[list[str], list[str]]:
    """Load a server, kill it at a random moment, and return what was sent and acknowledged."""
    server.start()
    with ThreadPoolExecutor(N_CLIENTS) as pool:
        loads = [pool.submit(send_until_killed, server, 1 + 20 * n) for n in range(N_CLIENTS)]
        time.sleep(random.uniform(0.05, 0.5))
        server.kill()
        results = [load.result() for load in loads]
    sent = [i for part, _ in results for i in part]
    return sent, [i for _, part in results for i in part]


@pytest.fixture
def killed(tmp_path: Path) -> tuple[Server, list[str], list[str]]:
    server = Server(tmp_path)
    rounds = [run_and_kill(server) for _ in range(N_KILLS)]
    return server, [i for part, _ in rounds for i in part], [i for _, part in rounds for i in part]


def test_every_acknowledged_event_is_there_once_after_twenty_kills(
    killed: tuple[Server, list[str], list[str]],
) -> None:
    server, sent, acknowledged = killed
    stored = stored_ids(server)
    assert len(acknowledged) > N_KILLS
    assert set(acknowledged) <= stored.keys()
    assert stored.keys() <= set(sent)
    assert set(stored.values()) == {1}


def test_a_clean_stop_keeps_what_was_acknowledged(serve: Callable[..., Server]) -> None:
    server = serve()
    with server.client() as client:
        event = {"type": "page_view", "user_id": "u", "event_id": "last"}
        client.post("/v1/events", json=event).raise_for_status()
    server.stop()
    assert stored_ids(server) == {"last": 1}
