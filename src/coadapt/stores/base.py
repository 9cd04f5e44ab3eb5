"""State what a store of events, of state and of runs does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from coadapt.domain.errors import StoreError
from coadapt.domain.events import Event
from coadapt.domain.manifests import Manifest
from coadapt.domain.queries import ItemFilter, Person

EVENT_SCHEMA = pa.schema(
    [
        pa.field("position", pa.int64(), nullable=False),
        pa.field("project", pa.string(), nullable=False),
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("timestamp", pa.int64(), nullable=False),
        pa.field("received_at", pa.int64(), nullable=False),
        pa.field("user_id", pa.string()),
        pa.field("anonymous_id", pa.string()),
        pa.field("item_id", pa.string()),
        pa.field("value", pa.float64()),
        pa.field("body", pa.string()),
    ]
)
"""One row an event in log order.

`body` is the JSON text of every other field that is set (null: none).
"""


@dataclass(frozen=True, slots=True)
class Appended:
    """Tell what became of each event of one append, in order.

    "new", "duplicate", "conflict", or "erased": refused, since its person was erased. `positions`
    holds the log position of each event, that of the first write for a duplicate, 0 for "erased".
    `changes` holds, by index, the fields that were stored without the erased person they named.
    """

    outcomes: tuple[str, ...]
    positions: tuple[int, ...]
    changes: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejection:
    """Keep what was refused and why; `body` is the JSON text as it came, cut to a stated length."""

    project: str
    received_at: int
    event_id: str | None
    code: str
    field: str | None
    message: str
    body: str
    user_id: str | None = None
    anonymous_id: str | None = None


@dataclass(frozen=True, slots=True)
class PersonIds:
    """Name everything that one person is known by; a user and a visitor may share a text."""

    user_ids: frozenset[str] = frozenset()
    anonymous_ids: frozenset[str] = frozenset()

    def union(self, *others: PersonIds) -> PersonIds:
        """Return these ids and the others'."""
        return PersonIds(
            self.user_ids.union(*(other.user_ids for other in others)),
            self.anonymous_ids.union(*(other.anonymous_ids for other in others)),
        )


def _scrubbed() -> Future[bool]:
    """Return the future of a store that has no bytes to remove."""
    done: Future[bool] = Future()
    done.set_result(True)
    return done


@dataclass(frozen=True, slots=True)
class Erasure:
    """Tell what an erasure removed, by kind.

    `ids` are those erased: the anonymous ones that were nobody else's. `kept` counts the events
    where the same characters name something else, by column or event type. `scrubbed` is done when
    the files were gone through: True, no byte is left, or False, something holds them; the store
    then goes on trying. `restated` are others' descriptions of items and people, rewritten in place
    (EVENT_SCHEMA). `shared` are the events left of visitors that the person shared with other users
    (EVENT_SCHEMA), `recommendation_ids` the answers that were removed.
    """

    events: int
    mentions: int
    rejected: int
    positions: tuple[int, ...] = ()
    ids: PersonIds = field(default_factory=PersonIds)
    kept: Mapping[str, int] = field(default_factory=dict)
    scrubbed: Future[bool] = field(default_factory=_scrubbed, compare=False)
    restated: pa.RecordBatch | None = field(default=None, compare=False)
    shared: pa.RecordBatch | None = field(default=None, compare=False)
    recommendation_ids: tuple[str, ...] = ()


class EventStore(Protocol):
    """Keep the log.

    Append is idempotent by (project, event_id) and durable when its future is done.
    """

    def append(self, events: Sequence[Event]) -> Future[Appended]:
        """Write events.

        The future is done when they are fsynced. Raises (in the future) StoreError, StoreFullError.
        """

    def reject(self, rejections: Sequence[Rejection]) -> Future[None]:
        """Keep refused events, so that nothing disappears silently."""

    def rejected(
        self, project: str, *, after: int = 0, limit: int = 100
    ) -> list[tuple[int, Rejection]]:
        """Return refused events with their number, oldest first, numbers above `after`."""

    def scan(
        self,
        *,
        after: int = 0,
        until: int | None = None,
        project: str | None = None,
        batch_size: int = 50_000,
    ) -> Iterator[pa.RecordBatch]:
        """Yield EVENT_SCHEMA batches in log order, positions in (after, until].

        Each batch is one short read.
        """

    def last_position(self) -> int:
        """Return the newest position, 0 for an empty log."""

    def find(self, project: str, event_ids: Sequence[str]) -> pa.RecordBatch:
        """Return the stored events with these ids."""

    def at(self, positions: Sequence[int]) -> pa.RecordBatch:
        """Return the stored events at these positions, in log order; those that are gone lack."""

    def erase(self, project: str, ids: PersonIds) -> Future[Erasure]:
        """Remove every event of a person, and their ids from those that name them.

        The future is done when that is durable; the bytes go after it: see `Erasure.scrubbed`.
        """

    def is_erased(self, project: str, person: Person) -> bool:
        """Tell whether a person's later events are to be refused (by salted hash)."""

    def fingerprint(self, position: int) -> str:
        """Return what tells this log from another, by the event at a position and who was erased.

        It reveals neither. It changes with every further person who is erased.
        """

    def claim(self) -> None:
        """Become the one store that writes to the log; an earlier one gets StoreLostError."""

    @property
    def fault(self) -> StoreError | None:
        """Return why the last write failed, None where it did not."""

    def check(self) -> None:
        """Raise StoreError where the log cannot be read or written, or is another server's."""

    @property
    def n_unscrubbed(self) -> int:
        """Return how many erasures may still have bytes in the files."""

    def close(self) -> None:
        """Finish what was accepted, then let go of the files."""


@dataclass(frozen=True, slots=True)
class Past:
    """Hold one person's history as of an instant, oldest first.

    `items` are item numbers of the project's catalogue (see `FeatureStore.item_ids`), `types` event
    type names, `times` epoch ms, `values` NaN where absent; `positions` are log positions.
    """

    items: npt.NDArray[np.int64]
    types: npt.NDArray[np.object_]
    times: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    positions: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Profile:
    """Hold what is stored about a person."""

    user_id: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    follows: tuple[str, ...] = ()
    is_personalized: bool = True
    n_events: int = 0
    first_seen: int | None = None
    last_seen: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Say how much a person did, and when first and last (epoch ms)."""

    n_events: int = 0
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Folded:
    """Tell what a batch of one project folded into.

    `people` has the number of each row's person, -1 for none; `merges` who turned out to be whom,
    as (anonymous person's number, user's number): what the first did is the second's from then on.
    """

    project: str
    batch: pa.RecordBatch
    people: npt.NDArray[np.int64]
    merges: tuple[tuple[int, int], ...] = ()


class Follower(Protocol):
    """Keep state of its own level with a feature store: told in log order, by the one writer."""

    def fold(self, folded: Folded) -> None:
        """Take in what was just folded; must be quick and must not fail."""

    def forget(
        self, project: str, people: Sequence[int], ids: PersonIds, changed: Sequence[int]
    ) -> None:
        """Forget people, numbers that never come back, and every trace of their ids.

        `changed` are the people who stay and whose past lost events by it, or got some.
        """


class FeatureStore(Protocol):
    """Keep what events fold into.

    Histories, catalogue, profiles, consent. A cache, rebuilt from the log. Safe for one writer and
    many readers. Every read takes `as_of` (epoch ms): only events with a timestamp up to it count.
    """

    @property
    def position(self) -> int:
        """Return the last log position that was folded in."""

    def update(self, batch: pa.RecordBatch) -> None:
        """Fold a batch of EVENT_SCHEMA in log order.

        Batches at or before `position` are skipped.
        """

    def follow(self, follower: Follower) -> None:
        """Tell one more follower of whatever is folded in or erased from now on."""

    def number_of(self, project: str, person: Person) -> int | None:
        """Return a person's number, None for who is unknown.

        One for all ids of a person; it never means another while the process lives.
        """

    def positions_of(self, project: str, number: int, *, as_of: int) -> npt.NDArray[np.int64]:
        """Return the log positions of what a person did up to an instant, in order."""

    def span_of(self, project: str, number: int, *, as_of: int) -> Span:
        """Return how much a person did up to an instant, and when first and last."""

    def owners(self, project: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the log positions of all that people did, in order, and whose each is."""

    def past(self, project: str, person: Person, *, as_of: int, limit: int | None = None) -> Past:
        """Return a person's newest `limit` interest events; empty for an unknown person."""

    def item_ids(self, project: str) -> Sequence[str]:
        """Return item ids by item number.

        Numbers never change while the process lives, the list only grows.
        """

    def item(self, project: str, item_id: str, *, as_of: int) -> Mapping[str, Any] | None:
        """Return an item's attributes, or None if it was never described or is retired."""

    def allowed(
        self, project: str, *, as_of: int, item_filter: ItemFilter | None = None
    ) -> npt.NDArray[np.bool_]:
        """Return which item numbers may be shown, shape (n_items,): available and in the filter."""

    def trending(self, project: str, *, as_of: int, k: int) -> list[tuple[str, float]]:
        """Return the k items of most recent interest, best first; interest halves in a day."""

    def profile(self, project: str, person: Person, *, as_of: int) -> Profile | None:
        """Return what is stored about a person, or None."""

    def users(self, project: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, str]]:
        """Return users in the order in which they came, each with the number to go on after."""

    def is_personalized(self, project: str, person: Person, *, as_of: int) -> bool:
        """Tell whether a person has not opted out."""

    def ids_of(self, project: str, person: Person) -> PersonIds:
        """Return every id known to be a person's, the given ones included: what to erase."""

    def erase(
        self,
        project: str,
        ids: PersonIds,
        positions: Sequence[int],
        shared: pa.RecordBatch | None = None,
    ) -> None:
        """Forget people and the events at these log positions: see `Erasure` for `shared`."""

    def restate(self, batch: pa.RecordBatch) -> None:
        """Fold descriptions that were rewritten at the positions where they were folded before."""


@dataclass(frozen=True, slots=True)
class AliasChange:
    """Say when an alias came to point at a pipeline, and whether that was going back to it."""

    time: str
    pipeline: str
    is_rollback: bool = False


class RunStore(Protocol):
    """Keep runs (immutable), pipelines (named, versioned) and aliases (replaced atomically)."""

    def add(self, run_id: str, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Manifest:
        """Write a run as `<id>.partial`, hash its files, and rename it when complete."""

    def runs(self) -> list[Manifest]:
        """Return every complete run, newest first."""

    def manifest(self, run_id: str) -> Manifest:
        """Return one run's manifest. Raises NotFoundError, RunError."""

    def open(self, run_id: str) -> Mapping[str, Path]:
        """Check format and every hash of a run, then return its files by name.

        Raises RunError naming the file.
        """

    def record(self, run_id: str, evaluation: Mapping[str, Any]) -> Path:
        """Keep a later result beside a run, which itself never changes."""

    def add_pipeline(self, name: str, pipeline: Mapping[str, Any]) -> str:
        """Keep a pipeline as the next version of its name and return `name@version`."""

    def pipeline(self, reference: str) -> Mapping[str, Any]:
        """Return a pipeline by `name@version`, or the newest of `name`.

        Raises NotFoundError, RunError.
        """

    def pipelines(self) -> list[str]:
        """Return every `name@version`, oldest first."""

    def projects(self) -> list[str]:
        """Return every project that has an alias, also one that cannot be read."""

    def alias(self, project: str, name: str = "champion") -> str | None:
        """Return what an alias points at."""

    def set_alias(
        self, project: str, reference: str, name: str = "champion", *, is_rollback: bool = False
    ) -> None:
        """Point an alias at a pipeline; the file is replaced atomically and the past is kept."""

    def alias_history(self, project: str, name: str = "champion") -> list[AliasChange]:
        """Return every change, oldest first."""
