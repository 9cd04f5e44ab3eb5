"""Run a network on a few rows in NumPy: what PyTorch costs a call is many times the work there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from coadapt.data.batches import FloatArray, ScoreArray
from coadapt.value._duve.encoder import FLOOR, N_COUNTS, N_RAW
from coadapt.value._duve.heads import MIN_SIGMA
from coadapt.value._duve.inputs import Inputs
from coadapt.value._duve.network import Network

Array = npt.NDArray[np.float32]


class NumpyNetwork:
    """Hold a trained network's weights, and give what `Network` would, without dropout.

    Each function stands beside the module's of the same name; a test holds them together.
    """

    def __init__(self, network: Network) -> None:
        self._shape = network.encoder.shape
        self._slope = network.encoder.neighbours.negative_slope if self._shape.graph else 0.0
        self._weights: dict[str, Array] = {
            name: tensor.numpy() for name, tensor in network.state_dict().items()
        }

    def messages(self, inputs: Inputs) -> Array:
        """Return each event's message, shape (n, n_channels); every event has a user."""
        weights, half = self._weights, self._shape.message_dim // 2
        ones = np.ones((len(inputs.numbers), 1), np.float32)
        raw = np.concatenate((ones, inputs.numbers[:, : N_RAW - 1]), axis=1)
        types = weights["encoder.type_inputs.weight"][inputs.types]
        hidden = self._linear("encoder.from_numbers", inputs.numbers) + types
        if self._shape.graph:
            hidden = hidden + self._heard(hidden, inputs)
        learned = self._linear("encoder.to_message", _silu(hidden))
        return np.concatenate((raw, _softplus(learned[:, :half]), learned[:, half:]), axis=1)

    def states(self, sums: ScoreArray, context: ScoreArray) -> Array:
        """Return states (n, state_dim) from sums (n, n_types, n_scales, n_channels)."""
        weights = self._weights
        context = (context - weights["context_mean"]) / weights["context_scale"]
        tokens = self._linear("encoder.to_token", self._logs(sums))
        tokens = _silu(tokens + weights["encoder.type_tokens"])
        query = self._linear("encoder.to_query", context)[:, None, :]
        shares = _softmax(self._linear("encoder.attention", np.tanh(tokens + query)))
        pooled = (shares * tokens).sum(axis=1)
        return _silu(self._linear("encoder.fuse.0", np.concatenate((pooled, context), axis=1)))

    def outlook(self, states: ScoreArray) -> Array:
        """Return the outlook of each state, the columns of `Outlook` as rows, shape (7, n)."""
        hidden = _silu(self._linear("heads.hidden.0", states))
        columns = self._linear("heads.out", hidden) + self._weights["heads.typical"]
        columns[:, 2] = MIN_SIGMA + _softplus(columns[:, 2])
        return columns.T

    def _heard(self, hidden: Array, inputs: Inputs) -> Array:
        """Return what the event's neighbours say, weighed by attention, shape (n, hidden_dim)."""
        weights, name = self._weights, "encoder.neighbours"
        by_head = (self._shape.n_heads, self._shape.hidden_dim // self._shape.n_heads)
        sources = self._linear("encoder.from_summary", inputs.summaries)
        offered = self._linear(f"{name}.lin_l", _silu(sources + weights["encoder.kinds"]))
        offered = offered.reshape(*inputs.present.shape, *by_head)
        asked = self._linear(f"{name}.lin_r", hidden).reshape(len(hidden), 1, *by_head)
        met = offered + asked
        scores = (np.where(met > 0, met, self._slope * met) * weights[f"{name}.att"]).sum(axis=-1)
        shares = _softmax(np.where(inputs.present[:, :, None] == 0, -np.inf, scores))
        heard = (shares[..., None] * offered).sum(axis=1).reshape(hidden.shape)
        return np.asarray(heard + weights[f"{name}.bias"], np.float32)

    def _logs(self, sums: ScoreArray) -> Array:
        """Return sums as logarithms, shape (n, n_types, n_scales * n_channels)."""
        n_positive = N_RAW + self._shape.message_dim // 2
        logs = np.arcsinh(sums)
        for part in (slice(N_COUNTS), slice(N_RAW, n_positive)):
            logs[..., part] = np.log(np.maximum(sums[..., part], 0) + np.float32(FLOOR))
        flat = logs.reshape(*sums.shape[:2], sums.shape[2] * sums.shape[3])
        return np.asarray(flat / np.float32(3.0))

    def _linear(self, name: str, values: ScoreArray) -> Array:
        """Return a layer's sums."""
        weights = self._weights
        return np.asarray(
            values @ weights[f"{name}.weight"].T + weights[f"{name}.bias"], np.float32
        )


def _silu(values: ScoreArray) -> Array:
    """Return x / (1 + exp(-x))."""
    return np.asarray(values * expit(values), np.float32)


def _softplus(values: ScoreArray) -> Array:
    """Return log(1 + exp(x))."""
    return np.asarray(np.logaddexp(np.float32(0), values), np.float32)


def _softmax(scores: FloatArray | ScoreArray) -> Array:
    """Return shares that add up to 1 along the second axis."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)
