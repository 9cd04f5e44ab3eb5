"""Ask again what a log has answers to: what else could have been in each slate?"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from coadapt.data.batches import BoolArray, IntArray, Ranking, ScoreArray, Scores, Situation
from coadapt.data.logged_slates import LoggedSlates
from coadapt.domain.cycles import cycle_search_paused
from coadapt.domain.errors import EmptyDataError
from coadapt.domain.progress import Progress
from coadapt.serving.answer_records import Answer
from coadapt.serving.asking import ask, narrowed
from coadapt.serving.pipeline import Pipeline
from coadapt.serving.scoring import Question, histories_of, likeness, offered
from coadapt.serving.slate_outcomes import SlateOutcomes
from coadapt.stores.base import FeatureStore, RunStore
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.training.load import load_recommender
from coadapt.training.policy_config import PolicyRunConfig
from coadapt.training.reading import opened_log

Scalar = TypeVar("Scalar", bound=np.generic)

AT_ONCE: Final = 256
"""Questions that are scored in one call."""

RELATIVE, ABSOLUTE = 1e-4, 1e-6
"""How near to another two scores of one run are, in whatever company they were computed."""


@dataclass(frozen=True, slots=True)
class SlateLog:
    """Hold slates, and how many were left out and why.

    `n_confirmed` counts those that a client said were on the screen. Of the `n_own` that the same
    run had scored, `n_alike` got the same scores again. `last_position` is the log's, as read.
    """

    slates: LoggedSlates
    skipped: Mapping[str, int]
    n_confirmed: int
    n_own: int
    n_alike: int
    last_position: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """Hold an answer with its question as a pipeline is asked it."""

    answer: Answer
    question: Question


@dataclass(frozen=True, slots=True)
class _Offer(_Asked):
    """Hold a slate beside what there was to choose from, shape (n_candidates,) each."""

    rows: IntArray
    scores: ScoreArray

    @property
    def shown(self) -> IntArray:
        """Return the rows of the places that a policy filled; one that is no row: never its own.

        Items to rank that the run does not know stand last, by no choice, and are left out.
        """
        vocabulary = self.question.pipeline.vocabulary
        rows = vocabulary.rows(self.answer.item_ids)
        if self.question.candidates is not None:
            rows = rows[: np.flatnonzero(rows >= 0).max(initial=-1) + 1]
        return np.where(rows < 0, len(vocabulary), rows)

    @property
    def is_whole(self) -> bool:
        """Tell whether the slate is as long as any policy would make it here."""
        n_usable = np.count_nonzero(np.isfinite(self.scores) & (self.rows >= 0))
        return 0 < len(self.shown) == min(self.question.count, n_usable)


def open_slate_log(run_store: RunStore, config: PolicyRunConfig, progress: Progress) -> SlateLog:
    """Read the slates by which a pipeline's policy is judged.

    Those from before the pipeline's run had learned are left out: it may know what came of them.
    Raises NotFoundError, RunError, DataError, EmptyDataError.
    """
    loaded = load_recommender(run_store, config.pipeline.recommender)
    pipeline = Pipeline(
        config.pipeline.name,
        config.pipeline,
        loaded.recommender,
        loaded.vocabulary,
        config.make_policy(),
    )
    learned = loaded.config.data
    is_same_log = (learned.source, learned.project) == ("log", config.data.project)
    after = learned.until if is_same_log and learned.until is not None else 0
    log = read_slate_log(config, pipeline, after, progress)
    if not log.slates.rewards.any():
        message = f"no slate led to: {', '.join(config.off_policy.rewards)}"
        raise EmptyDataError(message, field="off_policy.rewards")
    return log


def read_slate_log(
    config: PolicyRunConfig, pipeline: Pipeline, after: int, progress: Progress
) -> SlateLog:
    """Read a log twice: for what was shown and came of it, and for what it was chosen from.

    State is folded as it was when each slate was chosen, and the pipeline's run scores what there
    was. Slates chosen in a state before `after`, or before `config.data.after`, are left out.
    Raises DataError, EmptyDataError.
    """
    outcomes, last_position = _outcomes(config, after, progress)
    features = MemoryFeatureStore()
    offers = _offers(config, pipeline, outcomes.answers(), features, progress)
    whole = sorted((each for each in offers if each.is_whole), key=_as_of)
    skipped = outcomes.skipped + Counter({"of another length": len(offers) - len(whole)})
    if not whole:
        told = ", ".join(f"{number} {reason}" for reason, number in skipped.items())
        message = f"the log has no slate to judge by; left out: {told or 'none'}"
        raise EmptyDataError(message, field="data")
    slates = _assembled(whole, outcomes, features)
    is_own = np.array([each.answer.run == pipeline.config.recommender for each in whole])
    return SlateLog(
        slates,
        skipped,
        n_confirmed=sum(each.answer.recommendation_id in outcomes.confirmed for each in whole),
        n_own=int(is_own.sum()),
        n_alike=int((is_own & _is_alike(slates)).sum()),
        last_position=last_position,
    )


def _outcomes(config: PolicyRunConfig, after: int, progress: Progress) -> tuple[SlateOutcomes, int]:
    """Read what was shown and what came of it, and the last position."""
    project, position = config.data.project, 0
    outcomes = SlateOutcomes(config.off_policy, project, max(after, config.data.after))
    with opened_log(config.data) as batches:
        for batch in batches:
            outcomes.take_in(batch)
            position = int(_positions(batch)[-1])
            progress(position, config.data.until or position, "reading slates")
    return outcomes, position


def _offers(
    config: PolicyRunConfig,
    pipeline: Pipeline,
    answers: Sequence[Answer],
    features: FeatureStore,
    progress: Progress,
) -> list[_Offer]:
    """Return each slate beside what it was chosen from, scored in groups of like questions."""
    offers: list[_Offer] = []
    groups: dict[Any, list[_Asked]] = defaultdict(list)
    with opened_log(config.data) as batches, cycle_search_paused():
        for asked in _asked_again(batches, pipeline, answers, features):
            key = likeness(asked.question)
            groups[key].append(asked)
            if len(groups[key]) == AT_ONCE or asked.question.candidates is not None:
                offers += _scored(groups.pop(key))
                progress(len(offers), len(answers), "asking again")
    for group in groups.values():
        offers += _scored(group)
    return offers


def _asked_again(
    batches: Iterable[pa.RecordBatch],
    pipeline: Pipeline,
    answers: Iterable[Answer],
    features: FeatureStore,
) -> Iterator[_Asked]:
    """Yield the question of each answer, asked in the state that the answer came from."""
    waiting = deque(sorted(answers, key=lambda answer: answer.log_position))
    for batch in batches:
        positions, n_folded = _positions(batch), 0
        while waiting and waiting[0].log_position < positions[-1]:
            n_known = int(np.searchsorted(positions, waiting[0].log_position, side="right"))
            if n_known > n_folded:
                features.update(batch.slice(n_folded, n_known - n_folded))
                n_folded = n_known
            yield _again(features, pipeline, waiting.popleft())
        features.update(batch.slice(n_folded))
    for answer in waiting:
        yield _again(features, pipeline, answer)


def _again(features: FeatureStore, pipeline: Pipeline, answer: Answer) -> _Asked:
    """Return what a pipeline is asked now for a question of then."""
    return _Asked(answer, ask(features, pipeline, narrowed(features, answer.query)).question)


def _scored(group: Sequence[_Asked]) -> list[_Offer]:
    """Return what like questions have to choose from; masks of the catalogue are let go."""
    situation, scores = offered([each.question for each in group])
    columns = zip(group, situation.candidate_rows, scores.values, strict=True)
    return [
        _Offer(each.answer, replace(each.question, allowed=None), rows, values)
        for each, rows, values in columns
    ]


def _assembled(
    offers: Sequence[_Offer], outcomes: SlateOutcomes, features: FeatureStore
) -> LoggedSlates:
    """Lay slates of different lengths below each other."""
    shown = [offer.shown for offer in offers]
    n_places = [len(rows) for rows in shown]
    answers = [offer.answer for offer in offers]
    propensities = [each.propensities[:n] for each, n in zip(answers, n_places, strict=True)]
    earned = [list(outcomes.rewards(a))[:n] for a, n in zip(answers, n_places, strict=True)]
    chosen = [each.scores[:n] for each, n in zip(answers, n_places, strict=True)]
    numbers = [features.number_of(each.query.project, each.query.person) for each in answers]
    return LoggedSlates(
        Situation(
            histories_of([offer.question for offer in offers]),
            _padded([offer.rows for offer in offers], -1, np.int64),
            max(n_places),
        ),
        Scores(_padded([offer.scores for offer in offers], -np.inf, np.float32)),
        Ranking(
            _padded(shown, -1, np.int64),
            _padded(chosen, -np.inf, np.float32),
            _padded(propensities, 1.0, np.float64),
        ),
        rewards=_padded(earned, 0.0, np.float64),
        people=np.array([-i if n is None else n for i, n in enumerate(numbers, start=1)]),
        times=np.array([_as_of(offer) for offer in offers]),
    )


def _is_alike(slates: LoggedSlates) -> BoolArray:
    """Tell which slates' items have now the scores that the log says they had, shape (n,)."""
    then, now = slates.shown.scores, np.full(slates.shown.rows.shape, np.nan, np.float32)
    for place, rows in enumerate(slates.shown.rows.T):
        is_same = slates.situation.candidate_rows == rows[:, np.newaxis]
        found = np.take_along_axis(slates.scores.values, is_same.argmax(axis=1)[:, None], axis=1)
        now[:, place] = np.where(is_same.any(axis=1), found[:, 0], np.nan)
    is_close = np.isclose(then, now, RELATIVE, ABSOLUTE) | (slates.shown.rows == -1)
    alike: BoolArray = is_close.all(axis=1)
    return alike


def _positions(batch: pa.RecordBatch) -> IntArray:
    """Return the log positions of a batch, shape (n_rows,)."""
    positions: IntArray = batch.column("position").to_numpy()
    return positions


def _as_of(offer: _Offer) -> int:
    """Return when a slate was asked for."""
    return offer.answer.query.as_of


def _padded(
    rows: Sequence[Sequence[Any] | npt.NDArray[Any]], padding: float, dtype: type[Scalar]
) -> npt.NDArray[Scalar]:
    """Return rows of different lengths as one array, padded behind."""
    padded = np.full((len(rows), max(map(len, rows))), padding, dtype)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = row
    return padded
