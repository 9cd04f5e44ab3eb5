"""Post batches of events over a few kept-alive connections and time them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit


def events_per_second(url: str, bodies: Sequence[bytes], n_connections: int) -> float:
    """Return how many events a second were acknowledged. Raises SystemExit when one is not."""
    shares = [bodies[start::n_connections] for start in range(n_connections)]
    start = time.perf_counter()
    with ThreadPoolExecutor(n_connections) as threads:
        accepted = sum(threads.map(lambda share: _post_all(url, share), shares))
    return accepted / (time.perf_counter() - start)


def _post_all(url: str, bodies: Sequence[bytes]) -> int:
    """Post one connection's bodies and return how many events were accepted."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=60)
    accepted = 0
    for body in bodies:
        connection.request("POST", "/v1/events", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        if response.status != 200 or answer["rejected"]:
            raise SystemExit(f"the service refused a batch of events with status {response.status}")
        accepted += answer["accepted"]
    connection.close()
    return accepted
