"""Forecast by a network whose head is zero or log-normal: ZILN (Wang, Liu and Miao 2019)."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import nn
from typing_extensions import override

from coadapt.data.batches import FloatArray, IntArray
from coadapt.data.stream import Stream
from coadapt.domain.resources import Resources
from coadapt.value._examples import gather_examples
from coadapt.value._features import features
from coadapt.value._ledger_model import Arrays, LedgerModel
from coadapt.value._quantiles import prior_of, with_prior, zero_inflated_log_normal
from coadapt.value._summary import Summary
from coadapt.value._zero_inflated import from_logits
from coadapt.value._ziln_network import Sample, ZILNConfig, build_network, train
from coadapt.value.forecasts import Forecast

__all__ = ["ZILN", "ZILNConfig"]

INPUT_LIMIT: Final = 5.0
"""How many deviations from the mean an input may lie; what lies further counts as this far."""


class ZILN(LedgerModel[ZILNConfig]):
    """Give each user's features a probability p of spending and a log-normal of how much.

    E = p·exp(m + s²/2); trained on many past cut-offs, for as many epochs as the newest likes.
    """

    Config = ZILNConfig

    def __init__(self, config: ZILNConfig) -> None:
        super().__init__(config)
        self._network = nn.Sequential()

    @override
    def fit(self, stream: Stream, resources: Resources, as_of: int) -> None:
        examples = gather_examples(stream, self.config, as_of)
        inputs = features(examples.summary, examples.cutoffs)
        scale = {"mean": inputs.mean(axis=0), "deviation": inputs.std(axis=0) + 1e-3}
        sample = Sample.of(_normalised(inputs, scale), examples.spend)
        newest = examples.cutoffs == examples.cutoffs.max()
        # Labels that reach into the newest horizon would tell of it.
        older = examples.cutoffs + self.config.horizon_ms <= examples.cutoffs.max()
        network = train(sample.where(older), sample.where(newest), self.config, resources)
        arrays = {f"network.{name}": w.numpy() for name, w in network.state_dict().items()}
        self._become({**scale, **arrays, "prior": prior_of(examples.spend)})

    @override
    def _become(self, arrays: Arrays) -> None:
        super()._become(arrays)
        self._network = build_network(len(arrays["mean"]), self.config)
        prefix = "network."
        self._network.load_state_dict(
            {
                name.removeprefix(prefix): torch.tensor(array)
                for name, array in arrays.items()
                if name.startswith(prefix)
            }
        )

    @override
    def _forecast(self, summary: Summary, as_of: IntArray, horizon_days: int) -> Forecast:
        inputs = self._inputs(summary, as_of)
        with torch.no_grad():
            head = from_logits(self._network(inputs))
            columns = (torch.sigmoid(head.logit), head.log_mean, head.log_deviation)
        p, log_mean, log_deviation = (column.double().numpy() for column in columns)
        forecast = zero_inflated_log_normal(p, log_mean, log_deviation)
        return with_prior(forecast, summary.n_events == 0, self._learned["prior"])

    @override
    def _coordinates(self, summary: Summary, as_of: IntArray) -> FloatArray:
        with torch.no_grad():
            hidden = self._network[:-1](self._inputs(summary, as_of))
        return hidden.double().numpy()

    def _inputs(self, summary: Summary, as_of: IntArray) -> torch.Tensor:
        """Return normalised features as float32, shape (n, n_features)."""
        inputs = _normalised(features(summary, as_of), self._learned)
        return torch.from_numpy(inputs).float()


def _normalised(inputs: FloatArray, scale: Arrays) -> FloatArray:
    """Return features less their mean in deviations, within INPUT_LIMIT."""
    normalised: FloatArray = (inputs - scale["mean"]) / scale["deviation"]
    return np.clip(normalised, -INPUT_LIMIT, INPUT_LIMIT)
