"""Hold what was learned, and turn it into arrays by name and back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from coadapt.data.batches import FloatArray
from coadapt.value._duve.asking import Asker
from coadapt.value._duve.config import DUVEConfig
from coadapt.value._duve.network import Network


@dataclass(frozen=True)
class Fitted:
    """Hold members, their types, the mean log of an amount, and the prior (see `prior_of`)."""

    members: tuple[Network, ...]
    type_names: tuple[str, ...]
    typical_log: float
    prior: FloatArray

    @cached_property
    def asker(self) -> Asker:
        """Return who asks the members; what they learn later, it does not know."""
        return Asker(self.members)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything as arrays by name."""
        names = json.dumps(self.type_names).encode()
        arrays: dict[str, npt.NDArray[Any]] = {
            "type_names": np.frombuffer(names, np.uint8),
            "typical_log": np.array([self.typical_log]),
            "prior": self.prior,
        }
        for number, member in enumerate(self.members):
            for name, weight in member.state_dict().items():
                arrays[f"members.{number}.{name}"] = weight.numpy()
        return arrays

    @classmethod
    def from_arrays(cls, config: DUVEConfig, arrays: Mapping[str, npt.NDArray[Any]]) -> Fitted:
        """Return what `arrays` was made of."""
        type_names = tuple(json.loads(np.asarray(arrays["type_names"], np.uint8).tobytes()))
        members = tuple(
            _member(config, len(type_names), _below(arrays, f"members.{number}."))
            for number in range(config.n_members)
        )
        typical_log = float(np.asarray(arrays["typical_log"], np.float64)[0])
        return cls(members, type_names, typical_log, np.asarray(arrays["prior"], np.float64))


def new_member(config: DUVEConfig, n_types: int, seed: int) -> Network:
    """Make a network from a seed."""
    with seeded(seed):
        return Network(config, n_types)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw PyTorch's random numbers from a seed, and leave the global generator as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _member(config: DUVEConfig, n_types: int, arrays: Mapping[str, npt.NDArray[Any]]) -> Network:
    """Make a network of weights."""
    member = new_member(config, n_types, 0)
    member.load_state_dict({name: torch.from_numpy(np.array(a)) for name, a in arrays.items()})
    return member.eval()


def _below(arrays: Mapping[str, npt.NDArray[Any]], start: str) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays whose names start so, without that start."""
    return {
        name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)
    }
