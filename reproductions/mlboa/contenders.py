"""Name the contenders of the task, as untuned as the published study had them, and a tuned LSTM."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Final

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
TUNED: Final = "lstm, tuned"


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


Contender = tuple[EncoderConfig, Callable[[], Classifier]]


def contenders(max_epochs: int | None, tuned: Setting | None) -> dict[str, Contender]:
    """Return how to make each contender; `max_epochs` overrides that of every network."""
    epochs = {} if max_epochs is None else {"max_epochs": max_epochs}
    plain = EncoderConfig()
    untuned = LSTMConfig(**epochs)

    def logistic() -> Classifier:
        return BySource(LogisticTfidf)

    found: dict[str, Contender] = {
        "majority": (plain, lambda: BySource(Majority)),
        "knn": (plain, KNN),
        "tfidf + logistic": (plain, logistic),
        "boosted trees": (plain, BoostedTrees),
        "cnn": (plain, lambda: cnn(CNNConfig(**epochs))),
        UNTUNED: (plain, lambda: lstm(untuned)),
        f"{UNTUNED} + logistic": (plain, lambda: Blend(lstm(untuned), logistic())),
    }
    if tuned is not None:
        shape = tuned.lstm.model_copy(update=epochs)
        found[TUNED] = (tuned.encoder, lambda: lstm(shape))
        found[f"{TUNED} + logistic"] = (
            tuned.encoder,
            lambda: Blend(lstm(shape), logistic()),
        )
    return found
