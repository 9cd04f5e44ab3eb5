"""Ask a trained network: of many rows by PyTorch, of few in NumPy."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from coadapt.data.batches import ScoreArray
from coadapt.value._duve.encoder import MessageInputs
from coadapt.value._duve.in_numpy import NumpyNetwork
from coadapt.value._duve.inputs import Inputs
from coadapt.value._duve.network import Network

FEW: Final = 16
"""Up to so many events or users at once, NumPy is faster."""


class Asker:
    """Give a member's messages, states and outlooks, by the faster way."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._in_numpy = NumpyNetwork(network)
        self.n_channels = network.encoder.n_channels
        with torch.no_grad():
            self.rates = network.encoder.rates().clone()

    def messages(self, inputs: Inputs) -> Tensor:
        """Return each event's message, shape (n, n_channels)."""
        if len(inputs.types) <= FEW:
            return torch.from_numpy(self._in_numpy.messages(inputs))
        with torch.no_grad():
            messages: Tensor = self._network.encoder.messages(MessageInputs.of(inputs))
        return messages

    def states(self, sums: Tensor, context: Tensor) -> ScoreArray:
        """Return states (n, state_dim) from sums (n, n_types, n_scales, n_channels)."""
        if len(sums) <= FEW:
            return self._in_numpy.states(sums.numpy(), context.numpy())
        with torch.no_grad():
            states: ScoreArray = self._network.states(sums, context).numpy()
        return states

    def outlook(self, states: ScoreArray) -> ScoreArray:
        """Return the outlook of each state, the columns of `Outlook` as rows, shape (7, n)."""
        if len(states) <= FEW:
            return self._in_numpy.outlook(states)
        with torch.no_grad():
            outlook = torch.stack(tuple(self._network.heads(torch.from_numpy(states))))
        columns: ScoreArray = outlook.numpy()
        return columns
