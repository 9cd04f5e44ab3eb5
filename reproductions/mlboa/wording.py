"""Turn words into numbers: Word2Vec learnt from training texts, and VADER's lexicon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

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
    """Hold one vector a word that is known from training texts; the first row is of no word."""

    row_by_word: dict[str, int]
    vectors: NDArray[np.float32]

    @classmethod
    def learn(cls, texts: Iterable[str], dim: int, seed: int) -> WordVectors:
        """Learn vectors by skip-gram, with one worker, so that a seed gives the same ones again."""
        sentences = [words for words in map(words_of, texts) if words]
        model = Word2Vec(vector_size=dim, window=5, min_count=MIN_COUNT, sg=1, workers=1, seed=seed)
        model.build_vocab(sentences)
        nothing = np.zeros((1, dim), np.float32)
        if not len(model.wv):
            return cls({}, nothing)
        model.train(sentences, total_examples=len(sentences), epochs=5)
        row_by_word = {word: row for row, word in enumerate(model.wv.index_to_key, start=1)}
        return cls(row_by_word, np.concatenate((nothing, model.wv.vectors)))

    def rows(self, text: str) -> list[int]:
        """Return the rows of a text's known words."""
        return [self.row_by_word[word] for word in words_of(text) if word in self.row_by_word]

    def mean(self, text: str) -> FloatArray:
        """Return the mean vector of a text's known words, zeros where there is none."""
        mean: FloatArray = self.vectors[self.rows(text) or [0]].mean(axis=0)
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
