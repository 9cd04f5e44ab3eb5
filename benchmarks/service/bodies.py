"""Write the bodies that a load sends: questions of many users, their histories, new events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from coadapt.data.dataset import Dataset, IntArray


def oldest(dataset: Dataset, n_events: int) -> IntArray:
    """Return the places of the oldest events, in order of time."""
    return np.argsort(dataset.times, kind="stable")[:n_events]


def write_questions(
    dataset: Dataset, events: IntArray, path: Path, rng: np.random.Generator
) -> None:
    """Write one question for each user who has one of these events, in random order."""
    ids = dataset.user_ids.ids
    order = rng.permutation(np.unique(dataset.users[events]))
    _write(path, ({"user_id": ids[user], "count": 10} for user in order))


def write_single_events(
    dataset: Dataset, path: Path, n_events: int, rng: np.random.Generator
) -> None:
    """Write views of random items by random users; ids and times are left to the service."""
    users = rng.integers(0, dataset.n_users, n_events)
    items = rng.integers(0, dataset.n_items, n_events)
    user_ids, item_ids = dataset.user_ids.ids, dataset.item_ids.ids
    _write(
        path,
        (
            {"type": "page_view", "user_id": user_ids[user], "item_id": item_ids[item]}
            for user, item in zip(users.tolist(), items.tolist(), strict=True)
        ),
    )


def history_batches(dataset: Dataset, events: IntArray, size: int) -> Iterator[bytes]:
    """Yield bodies of `size` events each, in the given order."""
    for start in range(0, len(events), size):
        batch = [_event(dataset, int(event)) for event in events[start : start + size]]
        yield json.dumps({"events": batch}).encode()


def _event(dataset: Dataset, event: int) -> dict[str, object]:
    """Return one event of the data as a client sends it."""
    body: dict[str, object] = {
        "event_id": f"history-{event}",
        "type": dataset.type_names[dataset.types[event]],
        "user_id": dataset.user_ids.ids[dataset.users[event]],
        "item_id": dataset.item_ids.ids[dataset.items[event]],
        "timestamp": int(dataset.times[event]),
    }
    value = float(dataset.values[event])
    return body if np.isnan(value) else {**body, "value": value}


def _write(path: Path, bodies: Iterator[dict[str, object]]) -> None:
    """Write one JSON body a line."""
    path.write_text("".join(json.dumps(body) + "\n" for body in bodies), encoding="utf-8")
