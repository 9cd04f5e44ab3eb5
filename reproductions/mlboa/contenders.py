"""Name the contenders of the task: untuned ones, and an LSTM with tuned settings.

The tuned LSTM keeps the weights of its best validation epoch, which untuned networks do not. The
same untuned networks by that rule stand beside them, so that rule and settings can be told apart.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import tomli_w
from pydantic import BaseModel, ConfigDict, ValidationError

from coadapt.domain.errors import ConfigError
from mlboa.features import EncoderConfig
from mlboa.models.base import Classifier
from mlboa.models.blend import Blend
from mlboa.models.by_source import BySource
from mlboa.models.classical import KNN, BoostedTrees, LogisticTfidf, Majority
from mlboa.models.cnn import CNNConfig, cnn
from mlboa.models.lstm import LSTMConfig, lstm

UNTUNED: Final = "lstm"
UNTUNED_AT_BEST: Final = "lstm at its best epoch"
TUNED: Final = "tuned lstm"
CNN: Final = "cnn"
CNN_AT_BEST: Final = "cnn at its best epoch"
LOGISTIC: Final = "tfidf + logistic"


class Setting(BaseModel):
    """Hold all that a tuner may change: how words are read, and the LSTM."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoder: EncoderConfig = EncoderConfig()
    lstm: LSTMConfig = LSTMConfig()

    @classmethod
    def read(cls, path: Path) -> Setting:
        """Read the tables [encoder] and [lstm] of a TOML file. Raises ConfigError."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
            raise ConfigError(f"{path} is no setting of the LSTM: {error}") from None

    def write(self, path: Path, note: str) -> None:
        """Write what `read` reads, under a comment."""
        text = tomli_w.dumps(self.model_dump(mode="json"))
        path.write_text(f"# {note}\n{text}", encoding="utf-8")


Contender = tuple[EncoderConfig, Callable[[], Classifier]]


def contenders(max_epochs: int | None, tuned: Setting | None) -> dict[str, Contender]:
    """Return how to make each contender; `max_epochs` overrides that of every network."""
    epochs: dict[str, Any] = {} if max_epochs is None else {"max_epochs": max_epochs}
    at_best = {**epochs, "keeps_best_epoch": True}
    plain = EncoderConfig()
    found: dict[str, Contender] = {
        "majority": (plain, lambda: BySource(Majority)),
        "knn": (plain, KNN),
        LOGISTIC: (plain, lambda: BySource(LogisticTfidf)),
        "boosted trees": (plain, BoostedTrees),
        CNN: (plain, lambda: cnn(CNNConfig(**epochs))),
        CNN_AT_BEST: (plain, lambda: cnn(CNNConfig(**at_best))),
        **_memories(UNTUNED, plain, LSTMConfig(**epochs)),
        UNTUNED_AT_BEST: (plain, lambda: lstm(LSTMConfig(**at_best))),
    }
    if tuned is None:
        return found
    return found | _memories(TUNED, tuned.encoder, tuned.lstm.model_copy(update=epochs))


def _memories(name: str, encoder: EncoderConfig, config: LSTMConfig) -> dict[str, Contender]:
    """Return an LSTM, and the same weighed against logistic regression."""
    return {
        name: (encoder, lambda: lstm(config)),
        f"{name} + logistic": (encoder, lambda: Blend(lstm(config), BySource(LogisticTfidf))),
    }
