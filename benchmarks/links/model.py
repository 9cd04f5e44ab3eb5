"""Score candidate pages: the temporal encoder of `value/duve.py` and a head for links.

The encoder's rates are those of all faded sums here. Its `read` turns the sums of the user and of
the page at hand into the state that every candidate is scored with. Its messages are the raw ones:
none is learned and the graph layer is off, since what neighbours did is in sums of its own.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from coadapt.data.batches import ScoreArray
from coadapt.nn.decay import DecayMode
from coadapt.value._duve.encoder import EncoderShape, TemporalEncoder
from coadapt.value.base import EMBEDDING_DIM
from links.features import AGES, EXACT, FADED
from links.kinds import HALF_LIVES_DAYS, N_SCALES, N_TYPES
from links.reading import Block
from links.standing import N_CHANNELS, REGISTER_AGES, REGISTERS

KINDS: Final = torch.tensor([kind for _, kind, _ in FADED])
SCALES: Final = torch.tensor([scale for _, _, scale in FADED])
N_FEATURES: Final = len(FADED) + len(EXACT)
HIDDEN_DIM: Final = 64
DROPOUT: Final = 0.15


class Batch(NamedTuple):
    """Hold a block's columns as tensors; slopes are None where rates are those it was read at."""

    faded: Tensor
    slopes: Tensor | None
    exact: Tensor
    sums: Tensor
    sum_slopes: Tensor | None
    registers: Tensor


class Variant(NamedTuple):
    """Say how memory fades, how often it is brought up to date, and if ages are told besides."""

    name: str = ""
    decay: DecayMode = "learned"
    refresh_s: float = 0.0
    has_ages: bool = True

    @property
    def half_lives_days(self) -> tuple[float, ...]:
        """Return where rates start: a single one where all types share it."""
        return (1.0,) if self.decay == "shared" else HALF_LIVES_DAYS


class Typical(NamedTuple):
    """Hold means and deviations of features and of registers."""

    features: tuple[ScoreArray, ScoreArray]
    registers: tuple[ScoreArray, ScoreArray]

    @classmethod
    def of(cls, block: Block) -> Typical:
        """Return those of what was read."""
        features = np.concatenate((block.faded, block.exact), axis=2)[::37].astype(np.float32)
        registers = block.registers.astype(np.float32)
        return cls(_moments(features.reshape(-1, N_FEATURES)), _moments(registers))


def _moments(columns: ScoreArray) -> tuple[ScoreArray, ScoreArray]:
    """Return the mean and a deviation of each column."""
    return columns.mean(axis=0), columns.std(axis=0) + 1e-2


class LinkModel(nn.Module):
    """Score candidates from their features and the state of who asks."""

    def __init__(self, variant: Variant) -> None:
        super().__init__()
        shape = EncoderShape(
            n_types=N_TYPES,
            n_inputs=N_CHANNELS - 1,
            summary_width=0,
            n_kinds=0,
            n_context=len(REGISTERS),
            half_lives_days=variant.half_lives_days,
            decay=variant.decay,
            graph=False,
            message_dim=0,
            state_dim=EMBEDDING_DIM,
            dropout=DROPOUT,
        )
        self.encoder = TemporalEncoder(shape)
        self.from_features = nn.Linear(N_FEATURES, HIDDEN_DIM)
        self.from_state = nn.Linear(EMBEDDING_DIM, HIDDEN_DIM)
        self.to_score = nn.Sequential(
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(HIDDEN_DIM, HIDDEN_DIM),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(HIDDEN_DIM, 1),
        )
        for name, columns, ages in (
            ("feature", [name for name, _, _ in FADED] + list(EXACT), AGES),
            ("register", list(REGISTERS), REGISTER_AGES),
        ):
            told = [float(variant.has_ages or column not in ages) for column in columns]
            self.register_buffer(f"{name}_told", torch.tensor(told))
            self.register_buffer(f"{name}_mean", torch.zeros(len(columns)))
            self.register_buffer(f"{name}_scale", torch.ones(len(columns)))

    def set_typical(self, typical: Typical) -> None:
        """Measure features and registers by what is typical."""
        for name, (mean, scale) in zip(("feature", "register"), typical, strict=True):
            getattr(self, f"{name}_mean").copy_(torch.from_numpy(mean))
            getattr(self, f"{name}_scale").copy_(torch.from_numpy(scale))

    def rates_per_day(self) -> ScoreArray:
        """Return the rates of all types and scales, (N_TYPES, N_SCALES)."""
        rates = self.encoder.rates().detach().numpy()
        return np.broadcast_to(rates, (N_TYPES, N_SCALES)).copy()

    def forward(self, batch: Batch, read_at: Tensor | None = None) -> Tensor:
        """Return scores (n, n_candidates).

        `read_at` (N_TYPES, N_SCALES) is the logarithm of the rates per day that the batch was read
        at: sums are carried from there to today's rates along their slopes.
        """
        faded, sums = batch.faded, batch.sums
        if read_at is not None:
            shift = self.encoder.rates().log().expand(N_TYPES, N_SCALES) - read_at
            faded = faded + batch.slopes * shift[KINDS, SCALES]
            sums = sums + batch.sum_slopes * shift[:, :, None]
        features = self._measured("feature", torch.cat((faded, batch.exact), dim=2))
        state = self.state(sums, batch.registers)
        hidden = self.from_features(features) + self.from_state(state)[:, None]
        return self.to_score(hidden).squeeze(2)

    def state(self, sums: Tensor, registers: Tensor) -> Tensor:
        """Return the states of those who ask, (n, EMBEDDING_DIM)."""
        n_scales = len(self.encoder.shape.half_lives_days)
        return self.encoder.read(sums[:, :, -n_scales:], self._measured("register", registers))

    def _measured(self, name: str, columns: Tensor) -> Tensor:
        """Return columns in deviations from the typical; those that are not told are zero."""
        mean, scale = getattr(self, f"{name}_mean"), getattr(self, f"{name}_scale")
        return (columns - mean) * (getattr(self, f"{name}_told") / scale)
