"""Hand every contender the same split, as plain arrays in one file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ragged:
    """Hold many users' events, oldest first; user u's are `items[offsets[u]:offsets[u + 1]]`.

    `times` are epoch milliseconds, `values` NaN where absent.
    """

    items: IntArray
    times: IntArray
    values: FloatArray
    offsets: IntArray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> IntArray:
        """Count each user's events."""
        return np.diff(self.offsets)

    def block(self, start: int, stop: int) -> Ragged:
        """Return the users from `start` to before `stop`."""
        offsets = self.offsets[start : stop + 1]
        events = slice(offsets[0], offsets[-1])
        return Ragged(
            self.items[events], self.times[events], self.values[events], offsets - offsets[0]
        )

    def matrix(self, n_items: int) -> sparse.csr_matrix:
        """Return who met what as a binary float32 matrix, shape (n_users, n_items)."""
        ones = np.ones(len(self.items), np.float32)
        indices = self.items.astype(np.int32)
        matrix = sparse.csr_matrix((ones, indices, self.offsets), shape=(len(self), n_items))
        matrix.sum_duplicates()
        matrix.data[:] = 1.0
        return matrix


@dataclass(frozen=True)
class Pasts:
    """Hold what is known of some users; `users` are their rows in what was fitted on."""

    users: IntArray
    known: Ragged

    def __len__(self) -> int:
        return len(self.users)

    def block(self, start: int, stop: int) -> Pasts:
        """Return the users from `start` to before `stop`."""
        return Pasts(self.users[start:stop], self.known.block(start, stop))


@dataclass(frozen=True)
class HeldOut:
    """Hold what is known of each evaluated user and what is to be predicted."""

    pasts: Pasts
    targets: Ragged


@dataclass(frozen=True)
class Split:
    """Hold what is learnt from and predicted; `refit` is `fit` with the validation targets."""

    n_items: int
    fit: Ragged
    refit: Ragged
    validation: HeldOut
    test: HeldOut

    @property
    def fingerprint(self) -> str:
        """Return a text that is the same for the same items learnt from and predicted."""
        digest = sha256()
        for events in (self.fit, self.validation.targets, self.test.targets):
            digest.update(events.items.tobytes() + events.offsets.tobytes())
        return digest.hexdigest()


def save_split(split: Split, path: Path) -> None:
    """Write a split as one .npz file."""
    arrays: dict[str, Any] = {"n_items": np.int64(split.n_items)}
    for name in ("fit", "refit"):
        arrays |= _named(name, getattr(split, name))
    for name in ("validation", "test"):
        part: HeldOut = getattr(split, name)
        arrays |= _named(f"{name}.known", part.pasts.known) | _named(
            f"{name}.targets", part.targets
        )
        arrays[f"{name}.users"] = part.pasts.users
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{os.getpid()}.partial.npz")
    np.savez(partial, **arrays)
    partial.replace(path)


def load_split(path: Path) -> Split:
    """Read what `save_split` wrote."""
    with np.load(path) as arrays:
        held_out = {
            name: HeldOut(
                Pasts(arrays[f"{name}.users"], _ragged(arrays, f"{name}.known")),
                _ragged(arrays, f"{name}.targets"),
            )
            for name in ("validation", "test")
        }
        return Split(
            n_items=int(arrays["n_items"]),
            fit=_ragged(arrays, "fit"),
            refit=_ragged(arrays, "refit"),
            **held_out,
        )


def _named(prefix: str, events: Ragged) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of some events by name."""
    columns = ("items", "times", "values", "offsets")
    return {f"{prefix}.{column}": getattr(events, column) for column in columns}


def _ragged(arrays: Any, prefix: str) -> Ragged:
    """Read some events back."""
    columns = ("items", "times", "values", "offsets")
    return Ragged(*(arrays[f"{prefix}.{column}"] for column in columns))
