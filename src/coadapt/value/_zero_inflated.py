"""Learn a distribution that is zero or log-normal: the ZILN loss (Wang, Liu and Miao 2019)."""

from __future__ import annotations

from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

LEAST_DEVIATION: Final = 1e-2
"""No log-normal is narrower, so that a few equal amounts cannot make the loss fall for ever."""


class ZeroInflated(NamedTuple):
    """Hold a logit of being above zero, and mean and deviation of the log, each of shape (n,)."""

    logit: Tensor
    log_mean: Tensor
    log_deviation: Tensor


def from_logits(logits: Tensor) -> ZeroInflated:
    """Read three logits, shape (n, 3): the deviation is the softplus of the third."""
    deviation = functional.softplus(logits[:, 2]).clamp_min(LEAST_DEVIATION)
    return ZeroInflated(logits[:, 0], logits[:, 1], deviation)


def ziln_loss(predicted: ZeroInflated, amounts: Tensor) -> Tensor:
    """Return the mean negative log-likelihood; amounts of shape (n,), those below 0 count as 0.

    Of y it is BCE(p; y > 0) - 1[y > 0]·log LogNormal(y; m, s): equation 5 of the paper.
    """
    is_positive = amounts > 0
    occurrence = functional.binary_cross_entropy_with_logits(
        predicted.logit, is_positive.to(amounts.dtype), reduction="none"
    )
    logs = torch.log(torch.where(is_positive, amounts, 1.0))
    normal = torch.distributions.Normal(predicted.log_mean, predicted.log_deviation)
    size = torch.where(is_positive, logs - normal.log_prob(logs), 0.0)
    return (occurrence + size).mean()
