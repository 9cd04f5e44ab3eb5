"""Read a user's future from their state: spend as a zero-inflated log-normal, and the rest."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

N_OUTPUTS = 7

MIN_SIGMA = 0.2


class Outlook(NamedTuple):
    """Hold what the heads say of n users.

    `spend` (n,) is the log-odds of spending, `mu` and `sigma` of the logarithm of what is spent
    then; `comes_back`, `buys_now` log-odds; `n_events`, `n_referrals` logarithms of means.
    """

    spend: Tensor
    mu: Tensor
    sigma: Tensor
    comes_back: Tensor
    buys_now: Tensor
    n_events: Tensor
    n_referrals: Tensor


class Heads(nn.Module):
    """Map states to outlooks; `typical` holds what an average user does, where training starts."""

    typical: Tensor

    def __init__(self, state_dim: int, hidden_dim: int, dropout: float) -> None:
        super().__init__()
        self.hidden = nn.Sequential(
            nn.Linear(state_dim, hidden_dim), nn.SiLU(), nn.Dropout(dropout)
        )
        self.out = nn.Linear(hidden_dim, N_OUTPUTS)
        self.register_buffer("typical", torch.zeros(N_OUTPUTS))
        nn.init.zeros_(self.out.bias)

    def forward(self, states: Tensor) -> Outlook:
        """Return the outlook of each state."""
        columns = (self.out(self.hidden(states)) + self.typical).unbind(dim=1)
        sigma = MIN_SIGMA + functional.softplus(columns[2])
        return Outlook(columns[0], columns[1], sigma, *columns[3:])


def zero_inflated_nll(outlook: Outlook, spend: Tensor) -> Tensor:
    """Return the negative log-likelihood of what was spent (Wang, Liu and Miao 2019), shape (n,).

    A net spend of zero or less counts as none.
    """
    is_spent = spend > 0
    whether = functional.binary_cross_entropy_with_logits(
        outlook.spend, is_spent.float(), reduction="none"
    )
    log_spend = torch.log(torch.where(is_spent, spend, torch.ones_like(spend)))
    distance = (log_spend - outlook.mu) / outlook.sigma
    how_much = 0.5 * distance**2 + torch.log(outlook.sigma)
    return whether + torch.where(is_spent, how_much, torch.zeros_like(how_much))


def zero_inflated_crps(outlook: Outlook, spend: Tensor) -> Tensor:
    """Return the CRPS of a zero-inflated log-normal, E|X - y| - ½ E|X - X'|, shape (n,).

    With L log-normal of mean m: E|L - y| = y (2Φ(z) - 1) + m (1 - 2Φ(z - s)), z = (ln y - mu) / s;
    E|L - L'| = 2 m (2Φ(s / √2) - 1) (Baran and Lerch 2015).
    """
    p = torch.sigmoid(outlook.spend)
    sigma = outlook.sigma
    mean = torch.exp((outlook.mu + 0.5 * sigma**2).clamp_max(25.0))
    paid = spend.clamp_min(0.0)
    z = (torch.log(paid.clamp_min(1e-6)) - outlook.mu) / sigma
    miss = paid * (2 * _normal_cdf(z) - 1) + mean * (1 - 2 * _normal_cdf(z - sigma))
    miss = torch.where(paid > 0, miss, mean + spend.abs())
    among_spenders = 2 * mean * (2 * _normal_cdf(sigma / math.sqrt(2.0)) - 1)
    spread = 2 * p * (1 - p) * mean + p**2 * among_spenders
    return (1 - p) * spend.abs() + p * miss - 0.5 * spread


def _normal_cdf(x: Tensor) -> Tensor:
    """Return Φ(x)."""
    return 0.5 * (1 + torch.erf(x / math.sqrt(2.0)))
