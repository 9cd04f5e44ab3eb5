"""Turn words into numbers: Word2Vec learnt from training texts, and VADER's lexicon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from coadapt.data.batches import FloatArray
from coadapt.domain.errors import MissingExtraError
from mlboa.sequences import words_of

try:
    from gensim.models import Word2Vec
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
except ImportError as error:
    raise MissingExtraError(
        "this task needs gensim and VADER: pip install coadapt[text]"
    ) from error

SENTIMENTS: Final = ("neg", "pos", "compound")
MIN_COUNT: Final = 3


@dataclass(frozen=True)
class WordVectors:
    """Hold one vector a word that is known from training texts."""

    by_word: dict[str, FloatArray]
    dim: int

    @classmethod
    def learn(cls, texts: Iterable[str], dim: int, seed: int) -> WordVectors:
        """Learn vectors by skip-gram, with one worker, so that a seed gives the same ones again."""
        sentences = [words for words in map(words_of, texts) if words]
        model = Word2Vec(vector_size=dim, window=5, min_count=MIN_COUNT, sg=1, workers=1, seed=seed)
        model.build_vocab(sentences)
        if not len(model.wv):
            return cls({}, dim)
        model.train(sentences, total_examples=len(sentences), epochs=5)
        return cls({word: model.wv[word] for word in model.wv.index_to_key}, dim)

    def mean(self, text: str) -> FloatArray:
        """Return the mean vector of a text's known words, zeros where there is none."""
        known = [self.by_word[word] for word in words_of(text) if word in self.by_word]
        mean: FloatArray = np.mean(known, axis=0) if known else np.zeros(self.dim)
        return mean


class Sentiment:
    """Score texts by VADER's lexicon; a text that comes again is not scored again."""

    def __init__(self) -> None:
        self._analyzer: Any = SentimentIntensityAnalyzer()
        self._known: dict[str, tuple[float, ...]] = {}

    def score(self, texts: Sequence[str]) -> FloatArray:
        """Return the scores named SENTIMENTS of each text, shape (n, 3)."""
        return np.array([self._of(text) for text in texts]).reshape(len(texts), len(SENTIMENTS))

    def _of(self, text: str) -> tuple[float, ...]:
        """Return one text's scores, zeros for none."""
        if text not in self._known:
            found = self._analyzer.polarity_scores(text) if text else dict.fromkeys(SENTIMENTS, 0.0)
            self._known[text] = tuple(float(found[name]) for name in SENTIMENTS)
        return self._known[text]
