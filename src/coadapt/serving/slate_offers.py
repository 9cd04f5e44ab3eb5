"""Put the questions of a log's slates again, each in the state that its slate came from."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from coadapt.data.batches import IntArray, ScoreArray
from coadapt.domain.cycles import cycle_search_paused
from coadapt.domain.progress import Progress
from coadapt.serving.asking import ask, narrowed
from coadapt.serving.pipeline import Pipeline
from coadapt.serving.scoring import MAX_BATCH, Question, likeness, offered
from coadapt.serving.slate_outcomes import Earned
from coadapt.stores.base import FeatureStore
from coadapt.training.config import DataConfig
from coadapt.training.reading import opened_log

RELATIVE, ABSOLUTE = 1e-4, 1e-6
"""How near to another two scores of one run are, in whatever company they were computed."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Hold a slate with its question as a pipeline is asked it.

    `is_known` tells whether the pipeline's run knows all items that the question lists.
    """

    earned: Earned
    question: Question
    is_known: bool


@dataclass(frozen=True, slots=True)
class Offer(_Asked):
    """Hold a slate beside what there was to choose from, shape (n_candidates,) each."""

    rows: IntArray
    scores: ScoreArray

    @property
    def as_of(self) -> int:
        """Return when the slate was asked for."""
        return self.earned.answer.query.as_of

    @property
    def is_own(self) -> bool:
        """Tell whether the run that scores the slate now is the one that did then."""
        return self.earned.answer.run == self.question.pipeline.config.recommender

    @property
    def shown(self) -> IntArray:
        """Return the rows of the places that a policy filled; one that is no row: never its own.

        Items to rank that the run does not know stand last, by no choice, and are left out.
        """
        vocabulary = self.question.pipeline.vocabulary
        rows = vocabulary.rows(self.earned.answer.item_ids)
        if self.question.candidates is not None:
            rows = rows[: np.flatnonzero(rows >= 0).max(initial=-1) + 1]
        return np.where(rows < 0, len(vocabulary), rows)

    def fault(self) -> str | None:
        """Say why the slate says nothing of a policy here, None where it does.

        That hangs on the question and never on what chance put where: else the slates that are left
        would be chosen by what they show.
        """
        if not (self.is_known or self.is_own):
            return "ranking items that this run does not know"
        n_usable = np.count_nonzero(np.isfinite(self.scores) & (self.rows >= 0))
        if not 0 < len(self.shown) == min(self.question.count, n_usable):
            return "of another length than here"
        if self.is_own and not self._is_alike():
            return "not found as they were"
        return None

    def _is_alike(self) -> bool:
        """Tell whether the items shown have now the scores that the log says they had."""
        shown = self.shown
        is_same = self.rows == shown[:, np.newaxis]
        now = np.where(is_same.any(axis=1), self.scores[is_same.argmax(axis=1)], np.nan)
        then = self.earned.answer.scores[: len(shown)]
        return bool(np.isclose(then, now, RELATIVE, ABSOLUTE).all())


def offers_of(
    data: DataConfig,
    pipeline: Pipeline,
    slates: Sequence[Earned],
    features: FeatureStore,
    progress: Progress,
) -> list[Offer]:
    """Return each slate beside what it was chosen from, scored in groups of like questions."""
    offers: list[Offer] = []
    groups: dict[Any, list[_Asked]] = defaultdict(list)
    with opened_log(data) as batches, cycle_search_paused():
        for asked in _asked_again(batches, pipeline, slates, features):
            key = likeness(asked.question)
            groups[key].append(asked)
            if len(groups[key]) == MAX_BATCH or asked.question.candidates is not None:
                offers += _scored(groups.pop(key))
                progress(len(offers), len(slates), "asking again")
    for group in groups.values():
        offers += _scored(group)
    return offers


def _asked_again(
    batches: Iterable[pa.RecordBatch],
    pipeline: Pipeline,
    slates: Iterable[Earned],
    features: FeatureStore,
) -> Iterator[_Asked]:
    """Yield the question of each slate, asked in the state that the slate came from."""
    waiting = deque(sorted(slates, key=lambda slate: slate.answer.log_position))
    for batch in batches:
        positions, n_folded = positions_of(batch), 0
        while waiting and (position := waiting[0].answer.log_position) < positions[-1]:
            n_known = int(np.searchsorted(positions, position, side="right"))
            if n_known > n_folded:
                features.update(batch.slice(n_folded, n_known - n_folded))
                n_folded = n_known
            yield _again(features, pipeline, waiting.popleft())
        features.update(batch.slice(n_folded))
    for slate in waiting:
        yield _again(features, pipeline, slate)


def _again(features: FeatureStore, pipeline: Pipeline, slate: Earned) -> _Asked:
    """Return what a pipeline is asked now for a question of then."""
    query = narrowed(features, slate.answer.query)
    is_known = all(item_id in pipeline.vocabulary for item_id in query.item_ids or ())
    return _Asked(slate, ask(features, pipeline, query).question, is_known)


def _scored(group: Sequence[_Asked]) -> list[Offer]:
    """Return what like questions have to choose from; masks of the catalogue are let go."""
    situation, scores = offered([each.question for each in group])
    columns = zip(group, situation.candidate_rows, scores.values, strict=True)
    return [
        Offer(each.earned, replace(each.question, allowed=None), each.is_known, rows, values)
        for each, rows, values in columns
    ]


def positions_of(batch: pa.RecordBatch) -> IntArray:
    """Return the log positions of a batch, shape (n_rows,)."""
    positions: IntArray = batch.column("position").to_numpy()
    return positions
