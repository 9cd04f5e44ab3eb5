"""Turn steps into numbers by what is learnt from training users alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Annotated, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from coadapt.data.batches import BoolArray, FloatArray, IntArray
from coadapt.domain.ranges import OneOf
from mlboa.sequences import Example, Source, Step
from mlboa.wording import Sentiment, WordVectors

MAX_WORDS: Final = 40


class EncoderConfig(BaseModel):
    """Hold how words are read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    word_dim: Annotated[int, Field(ge=1), OneOf(8, 16, 32, 64)] = 16


@dataclass(frozen=True)
class Examples:
    """Hold encoded examples.

    Row 0 of `features`, shape (n_steps, n_features), is zeros: it fills up `steps`, shape
    (n, longest), whose numbers are rows of it, oldest first. Its last `word_dim` columns are the
    mean of a step's word vectors. `words`, shape (n_steps, MAX_WORDS), holds rows of `vectors`, the
    first of which is zeros and fills up.
    """

    features: NDArray[np.float32]
    steps: IntArray
    lengths: IntArray
    texts: list[str]
    is_positive: BoolArray
    sources: NDArray[np.str_]
    p_bayes: FloatArray
    words: IntArray
    vectors: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def word_dim(self) -> int:
        """Return the length of a word vector."""
        return self.vectors.shape[1]

    @property
    def present(self) -> list[str]:
        """Return the names of the sources that there are."""
        return sorted(set(self.sources.tolist()))

    def where(self, is_kept: BoolArray) -> Examples:
        """Return this part."""
        return replace(
            self,
            steps=self.steps[is_kept],
            lengths=self.lengths[is_kept],
            texts=[text for text, kept in zip(self.texts, is_kept.tolist(), strict=True) if kept],
            is_positive=self.is_positive[is_kept],
            sources=self.sources[is_kept],
            p_bayes=self.p_bayes[is_kept],
        )


@dataclass(frozen=True)
class Encoder:
    """Encode examples by means, deviations and word vectors that were learnt once."""

    words: WordVectors
    means: FloatArray
    deviations: FloatArray
    sentiment: Sentiment

    @classmethod
    def learn(
        cls, training: Sequence[Example], config: EncoderConfig, sentiment: Sentiment, seed: int
    ) -> Encoder:
        """Learn from the steps of training users."""
        steps = _distinct_steps(training)
        numbers = np.array([astuple(step.numbers) for step in steps])
        is_known = ~np.isnan(numbers)
        n_known = np.maximum(is_known.sum(axis=0), 1)
        means = np.where(is_known, numbers, 0.0).sum(axis=0) / n_known
        squares = np.where(is_known, (numbers - means) ** 2, 0.0).sum(axis=0) / n_known
        words = WordVectors.learn(_texts(training), config.word_dim, seed)
        return cls(words, means, np.sqrt(np.where(squares > 0, squares, 1.0)), sentiment)

    def encode(self, examples: Sequence[Example]) -> Examples:
        """Return examples as arrays."""
        pairs = [(step, each.source) for each in examples for step in each.steps]
        source_by_step = dict(pairs)
        row_by_step = {step: row for row, step in enumerate(source_by_step, start=1)}
        lengths = np.array([len(each.steps) for each in examples], np.int64)
        steps = np.zeros((len(examples), int(lengths.max(initial=1))), np.int64)
        for row, each in enumerate(examples):
            steps[row, : lengths[row]] = [row_by_step[step] for step in each.steps]
        return Examples(
            features=self._features(source_by_step),
            steps=steps,
            lengths=lengths,
            texts=[_text(each) for each in examples],
            is_positive=np.array([each.is_positive for each in examples], np.bool_),
            sources=np.array([str(each.source) for each in examples], np.str_),
            p_bayes=np.array([each.p_bayes for each in examples], np.float64),
            words=self._words(source_by_step),
            vectors=self.words.vectors,
        )

    def _features(self, source_by_step: dict[Step, Source]) -> NDArray[np.float32]:
        """Return one row a step below a row of zeros."""
        steps = [*source_by_step]
        numbers = np.array([astuple(step.numbers) for step in steps])
        flags = [[step.is_question, bool(step.text)] for step in steps]
        sources = [[source is each for each in Source] for source in source_by_step.values()]
        texts = [step.text for step in steps]
        columns = (
            np.nan_to_num((numbers - self.means) / self.deviations),
            np.array(flags),
            np.array(sources),
            self.sentiment.score(texts),
            np.array([self.words.mean(text) for text in texts]),
        )
        rows = np.concatenate(columns, axis=1, dtype=np.float32, casting="unsafe")
        return np.concatenate((np.zeros((1, rows.shape[1]), np.float32), rows))

    def _words(self, steps: Iterable[Step]) -> IntArray:
        """Return the rows of each step's first known words below a row of none."""
        rows = [[], *(self.words.rows(step.text)[:MAX_WORDS] for step in steps)]
        return np.array([row + [0] * (MAX_WORDS - len(row)) for row in rows], np.int64)


def _distinct_steps(examples: Iterable[Example]) -> list[Step]:
    """Return each step once, in order."""
    return [*dict.fromkeys(step for example in examples for step in example.steps)]


def _texts(examples: Sequence[Example]) -> list[str]:
    """Return each text once; a clothing review's steps are parts of one."""
    whole = [_text(each) for each in examples if each.source is Source.CLOTHING]
    others = [each for each in examples if each.source is not Source.CLOTHING]
    return [*(step.text for step in _distinct_steps(others)), *whole]


def _text(example: Example) -> str:
    """Return the texts of all steps in a row."""
    return " ".join(step.text for step in example.steps).strip()
