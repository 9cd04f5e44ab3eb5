"""Sum what happened with weights that fade: exponential decay at learnable rates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

DecayMode = Literal["learned", "shared", "none"]


class DecayRates(nn.Module):
    """Hold how fast each interaction type fades, at several time scales.

    `learned`: a rate of its own for each type and scale; `shared`: all types fade alike; `none`:
    nothing fades. Rates start from half-lives in days; (n_types, n_scales), per day.
    """

    def __init__(self, n_types: int, half_lives_days: Sequence[float], mode: DecayMode) -> None:
        super().__init__()
        self.shape = (n_types, len(half_lives_days))
        self.mode = mode
        start = torch.log(math.log(2.0) / torch.tensor(half_lives_days, dtype=torch.float32))
        n_rows = n_types if mode == "learned" else 1
        self.log_rates = nn.Parameter(start.repeat(n_rows, 1), requires_grad=mode != "none")

    def forward(self) -> Tensor:
        """Return the rates per day, shape (n_types, n_scales)."""
        if self.mode == "none":
            return torch.zeros(self.shape)
        return self.log_rates.exp().expand(self.shape)


def faded_sums(
    messages: Tensor, ages_days: Tensor, rates: Tensor, places: Tensor, n_places: int
) -> Tensor:
    """Add up messages, each faded by its age: Σ exp(-rate · age) · message.

    `messages` (n, dim), `ages_days` (n,), `rates` (n, n_scales) per day, `places` (n,): where each
    is added. Returns (n_places, n_scales, dim).
    """
    faded = torch.exp(-rates * ages_days[:, None])[:, :, None] * messages[:, None, :]
    sums = messages.new_zeros((n_places, *faded.shape[1:]))
    return sums.index_add(0, places, faded)
