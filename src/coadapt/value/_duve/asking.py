"""Ask trained networks: of many rows one by one, by PyTorch; of few all at once, in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from coadapt.data.batches import ScoreArray
from coadapt.value._duve.encoder import MessageInputs
from coadapt.value._duve.in_numpy import NumpyNetworks
from coadapt.value._duve.inputs import Inputs
from coadapt.value._duve.network import Network

FEW: Final = 16
"""Up to so many events or users at once, NumPy is faster."""


class Asker:
    """Give every member's messages, states and outlooks, by the faster way."""

    def __init__(self, members: Sequence[Network]) -> None:
        self._members = members
        self._in_numpy = NumpyNetworks(members)
        self.n_channels = members[0].encoder.n_channels
        with torch.no_grad():
            self.rates = [member.encoder.rates().clone() for member in members]

    def messages(self, inputs: Inputs) -> list[Tensor]:
        """Return each event's message, shape (n, n_channels), a member each."""
        if len(inputs.types) <= FEW:
            return list(torch.from_numpy(self._in_numpy.messages(inputs)))
        with torch.no_grad():
            taken = MessageInputs.of(inputs)
            return [member.encoder.messages(taken) for member in self._members]

    def states(self, sums: Sequence[Tensor], context: Tensor) -> ScoreArray:
        """Return states (n_members, n, state_dim) from sums and context (n, N_CONTEXT).

        `sums` has shape (n, n_types, n_scales, n_channels), a member each.
        """
        if len(context) <= FEW:
            stacked = np.stack([each.numpy() for each in sums])
            return self._in_numpy.states(stacked, context.numpy())
        with torch.no_grad():
            pairs = zip(self._members, sums, strict=True)
            return np.stack([member.states(each, context).numpy() for member, each in pairs])

    def outlooks(self, states: ScoreArray) -> ScoreArray:
        """Return the columns of `Outlook` as rows, shape (n_members, 7, n)."""
        if states.shape[1] <= FEW:
            return self._in_numpy.outlooks(states)
        with torch.no_grad():
            pairs = zip(self._members, torch.from_numpy(states), strict=True)
            found = [torch.stack(tuple(member.heads(each))) for member, each in pairs]
            outlooks: ScoreArray = torch.stack(found).numpy()
        return outlooks
