"""Drop entries at a fifth of the usual cost: eight masks from one random integer."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_LEVELS = 256


class ByteDropout(nn.Module):
    """Zero a share of entries (rounded to 1/256) while training and scale up the rest.

    Srivastava et al., "Dropout" (2014). One 64-bit draw decides eight entries.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.threshold = round(share * _LEVELS)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens of the same shape."""
        if not self.training or self.threshold == 0:
            return tokens
        return tokens * self._mask(tokens)

    def _mask(self, like: Tensor) -> Tensor:
        """Return 0 where dropped, 1 / (1 - share) elsewhere."""
        n_draws = -(-like.numel() // 8)
        draws = torch.empty(n_draws, dtype=torch.int64, device=like.device).random_(-(2**63), None)
        kept = draws.view(torch.uint8)[: like.numel()].view(like.shape) >= self.threshold
        return kept.to(like.dtype).mul_(_LEVELS / (_LEVELS - self.threshold))
