"""Run networks on a few rows in NumPy: what PyTorch costs a call is many times the work there."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from coadapt.data.batches import FloatArray, ScoreArray
from coadapt.value._duve.encoder import FLOOR, N_COUNTS, N_RAW
from coadapt.value._duve.heads import MIN_SIGMA
from coadapt.value._duve.inputs import Inputs
from coadapt.value._duve.network import Network

Array = npt.NDArray[np.float32]


class NumpyNetworks:
    """Hold the weights of trained networks of one shape, and give what each would, all at once.

    Every array's first axis is the network. Each function stands beside that of the same name of
    `Network`, without dropout; a test holds them together.
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        encoder = networks[0].encoder
        self._shape = encoder.shape
        self._slope = encoder.neighbours.negative_slope if self._shape.graph else 0.0
        weights = [network.state_dict() for network in networks]
        self._weights: dict[str, Array] = {
            name: np.stack([each[name].numpy() for each in weights]) for name in weights[0]
        }
        names = {name.rpartition(".")[0] for name in self._weights if name.endswith(".bias")}
        self._layers = {name: self._layer(name) for name in names if f"{name}.weight" in weights[0]}

    def messages(self, inputs: Inputs) -> Array:
        """Return each event's messages (n_networks, n, n_channels); every event has a user."""
        weights, half = self._weights, self._shape.message_dim // 2
        numbers = inputs.numbers[None]
        types = weights["encoder.type_inputs.weight"][:, inputs.types]
        hidden = self._linear("encoder.from_numbers", numbers) + types
        if self._shape.graph:
            hidden = hidden + self._heard(hidden, inputs)
        learned = self._linear("encoder.to_message", _silu(hidden))
        raw = np.ones((*learned.shape[:2], N_RAW), np.float32)
        raw[:, :, 1:] = numbers[:, :, : N_RAW - 1]
        return np.concatenate((raw, _softplus(learned[..., :half]), learned[..., half:]), axis=2)

    def states(self, sums: ScoreArray, context: ScoreArray) -> Array:
        """Return states (n_networks, n, state_dim) from such sums and context (n, N_CONTEXT).

        `sums` has shape (n_networks, n, n_types, n_scales, n_channels).
        """
        weights = self._weights
        context = (context - weights["context_mean"][:, None]) / weights["context_scale"][:, None]
        tokens = self._linear("encoder.to_token", self._logs(sums))
        tokens = _silu(tokens + weights["encoder.type_tokens"][:, None])
        query = self._linear("encoder.to_query", context)[:, :, None]
        shares = _softmax(self._linear("encoder.attention", np.tanh(tokens + query)))
        pooled = (shares * tokens).sum(axis=2)
        return _silu(self._linear("encoder.fuse.0", np.concatenate((pooled, context), axis=2)))

    def outlooks(self, states: ScoreArray) -> Array:
        """Return the columns of `Outlook` as rows, shape (n_networks, 7, n)."""
        hidden = _silu(self._linear("heads.hidden.0", states))
        columns = self._linear("heads.out", hidden) + self._weights["heads.typical"][:, None]
        columns[..., 2] = MIN_SIGMA + _softplus(columns[..., 2])
        return columns.transpose(0, 2, 1)

    def _heard(self, hidden: Array, inputs: Inputs) -> Array:
        """Return what neighbours say, weighed by attention, (n_networks, n, hidden_dim)."""
        weights, name = self._weights, "encoder.neighbours"
        by_head = (self._shape.n_heads, self._shape.hidden_dim // self._shape.n_heads)
        sources = self._linear("encoder.from_summary", inputs.summaries[None])
        sources = _silu(sources + weights["encoder.kinds"][:, None])
        offered = self._linear(f"{name}.lin_l", sources).reshape(*sources.shape[:3], *by_head)
        asked = self._linear(f"{name}.lin_r", hidden).reshape(*hidden.shape[:2], 1, *by_head)
        met = offered + asked
        attention = weights[f"{name}.att"][:, None]
        scores = (np.where(met > 0, met, self._slope * met) * attention).sum(axis=-1)
        shares = _softmax(np.where(inputs.present[None, :, :, None] == 0, -np.inf, scores))
        heard = (shares[..., None] * offered).sum(axis=2).reshape(hidden.shape)
        return np.asarray(heard + weights[f"{name}.bias"][:, None], np.float32)

    def _logs(self, sums: ScoreArray) -> Array:
        """Return sums as logarithms, (n_networks, n, n_types, n_scales * n_channels)."""
        n_positive = N_RAW + self._shape.message_dim // 2
        logs = np.arcsinh(sums)
        for part in (slice(N_COUNTS), slice(N_RAW, n_positive)):
            logs[..., part] = np.log(np.maximum(sums[..., part], 0) + np.float32(FLOOR))
        flat = logs.reshape(*sums.shape[:3], sums.shape[3] * sums.shape[4])
        return np.asarray(flat / np.float32(3.0))

    def _linear(self, name: str, values: ScoreArray) -> Array:
        """Return a layer's sums; the first axis of `values` is the network or 1."""
        weight, bias = self._layers[name]
        places = values.shape[1:-1]
        rows = values.reshape(len(values), math.prod(places), values.shape[-1])
        found = rows @ weight + bias
        return np.asarray(found.reshape(len(found), *places, found.shape[-1]), np.float32)

    def _layer(self, name: str) -> tuple[Array, Array]:
        """Return weights (n_networks, in, out) and bias (n_networks, 1, out).

        A copy, for a product with a transposed view takes twice as long.
        """
        weight = self._weights[f"{name}.weight"].transpose(0, 2, 1)
        return np.ascontiguousarray(weight), self._weights[f"{name}.bias"][:, None]


def _silu(values: ScoreArray) -> Array:
    """Return x / (1 + exp(-x))."""
    return np.asarray(values * expit(values), np.float32)


def _softplus(values: ScoreArray) -> Array:
    """Return log(1 + exp(x))."""
    return np.asarray(np.logaddexp(np.float32(0), values), np.float32)


def _softmax(scores: FloatArray | ScoreArray) -> Array:
    """Return shares that add up to 1 along the third axis."""
    raised = np.exp(scores - scores.max(axis=2, keepdims=True))
    return np.asarray(raised / raised.sum(axis=2, keepdims=True), np.float32)
