"""Hold the hyperparameters of the dynamic user value evaluator."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from coadapt.domain.ranges import Between, OneOf
from coadapt.nn.decay import DecayMode
from coadapt.value.base import ValueConfig

Refresh = Literal["event", "15min", "hour"]
HalfLives = Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1)]


class DUVEConfig(ValueConfig):
    """Hold the hyperparameters of DUVE; `decay`, `refresh` and `graph` exist for ablations too."""

    half_lives_days: HalfLives = (2.0, 8.0, 25.0, 70.0, 200.0, 600.0)
    """Where the learnable decay of each type starts, one for each time scale."""
    decay: DecayMode = "learned"
    refresh: Refresh = "event"
    graph: Annotated[bool, OneOf(True, False)] = True
    """Let messages read what the item, the host and the user had met before."""
    graph_half_lives_days: HalfLives = (7.0, 30.0, 180.0)
    message_dim: Annotated[int, Field(ge=2), Between(4, 64, log=True)] = 16
    hidden_dim: Annotated[int, Field(ge=4), Between(16, 128, step=16)] = 64
    n_heads: Annotated[int, Field(ge=1), OneOf(1, 2, 4)] = 2
    dropout: Annotated[float, Field(ge=0, lt=1), Between(0.0, 0.5)] = 0.1
    n_members: Annotated[int, Field(ge=1, le=16)] = 1
    """Networks from different starts; a forecast is made of the mean of what their heads say."""
    instants_per_user: Annotated[int, Field(ge=1), Between(1, 8)] = 4
    """Cut-off times drawn for each user and epoch."""
    recency_half_life_days: Annotated[float, Field(gt=0), Between(60.0, 3000.0, log=True)] = 1000.0
    """Cut-offs this much older are drawn half as often: the market changes."""
    crps_weight: Annotated[float, Field(ge=0), Between(0.0, 3.0)] = 1.0
    learning_rate: Annotated[float, Field(gt=0), Between(3e-4, 3e-2, log=True)] = 3e-3
    weight_decay: Annotated[float, Field(ge=0), Between(1e-6, 0.1, log=True)] = 1e-3
    n_steps: Annotated[int, Field(ge=1)] = 700
    """Steps of training; large data see each user in fewer epochs."""
    clip_norm: Annotated[float, Field(gt=0), Between(0.1, 10.0, log=True)] = 1.0

    @model_validator(mode="after")
    def _heads_share_what_is_hidden(self) -> DUVEConfig:
        """Refuse a width that the heads of the graph attention cannot share."""
        if self.hidden_dim % self.n_heads:
            raise ValueError("hidden_dim must be a multiple of n_heads")
        return self
