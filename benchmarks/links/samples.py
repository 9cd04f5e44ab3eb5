"""Keep what was read of a part of the log, small enough for memory, and hand it out in batches."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from coadapt.data.batches import IntArray
from links.candidates import Sampling
from links.model import Batch
from links.reading import Block, Reader


@dataclass(frozen=True, slots=True)
class Samples:
    """Hold sampled candidates of consecutive events; numbers have half precision."""

    block: Block
    truths: IntArray
    """The column of the true page, (n,)."""

    def batch(self, rows: IntArray | slice, *, has_slopes: bool = False) -> Batch:
        """Return these events as tensors."""
        block = self.block
        return Batch(
            faded=_floats(block.faded, rows),
            slopes=_floats(block.slopes, rows) if has_slopes else None,
            exact=_floats(block.exact, rows),
            sums=_floats(block.sums, rows),
            sum_slopes=_floats(block.sum_slopes, rows) if has_slopes else None,
            registers=_floats(block.registers, rows),
        )


def draw_samples(
    reader: Reader, start: int, stop: int, sampling: Sampling, seed: int, *, has_slopes: bool
) -> Samples:
    """Read events from `start` to `stop` with sampled candidates."""
    blocks = reader.blocks(start, stop, sampling, seed)
    first = next(blocks)
    kept = _room_for(first, stop - start, has_slopes=has_slopes)
    done = 0
    for block in chain([first], blocks):
        for room, part in zip(_arrays(kept), _arrays(block), strict=True):
            if len(room):
                room[done : done + len(part)] = part
        done += len(block.pages)
    truths = (kept.pages == reader.edits.pages[start:stop, None]).argmax(axis=1)
    return Samples(kept, truths)


def _room_for(block: Block, n_events: int, *, has_slopes: bool) -> Block:
    """Return columns for so many events, of half precision where they are features."""
    columns = {}
    for name, column in block._asdict().items():
        n_rows = 0 if "slopes" in name and not has_slopes else n_events
        dtype = column.dtype if name in {"pages", "log_weights"} else np.float16
        columns[name] = np.empty((n_rows, *column.shape[1:]), dtype)
    return Block(**columns)


def _floats(column: np.ndarray, rows: IntArray | slice) -> Tensor:
    """Return rows as single precision."""
    return torch.from_numpy(column[rows]).float()


def _arrays(block: Block) -> list[npt.NDArray[Any]]:
    """Return a block's arrays, which differ in type."""
    return list(block)
