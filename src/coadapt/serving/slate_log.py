"""Ask again what a log has answers to: what else could have been in each slate?"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from coadapt.data.batches import Histories, IntArray, Ranking, ScoreArray, Scores, Situation
from coadapt.data.logged_slates import LoggedSlates
from coadapt.domain.cycles import cycle_search_paused
from coadapt.domain.errors import EmptyDataError
from coadapt.domain.progress import Progress
from coadapt.serving.asking import ask, narrowed
from coadapt.serving.pipeline import Pipeline
from coadapt.serving.scoring import MAX_BATCH, Question, likeness, offered
from coadapt.serving.slate_outcomes import Earned, SlateOutcomes
from coadapt.stores.base import FeatureStore, RunStore
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.open import without_password
from coadapt.training.load import load_recommender
from coadapt.training.policy_config import PolicyRunConfig
from coadapt.training.reading import opened_log

Scalar = TypeVar("Scalar", bound=np.generic)

RELATIVE, ABSOLUTE = 1e-4, 1e-6
"""How near to another two scores of one run are, in whatever company they were computed."""


@dataclass(frozen=True, slots=True)
class SlateLog:
    """Hold slates, and how many were left out and why.

    `n_confirmed` counts those that a client said were on the screen, `n_own` those that the same
    run had scored, `n_open` those of which more may come when the log goes on. `learned_from` is
    the data that the run learned from, where these are not known to be this log.
    """

    slates: LoggedSlates
    skipped: Mapping[str, int]
    n_confirmed: int
    n_own: int
    n_open: int
    learned_from: str | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """Hold a slate with its question as a pipeline is asked it.

    `is_known` tells whether the pipeline's run knows all items that the question lists.
    """

    earned: Earned
    question: Question
    is_known: bool


@dataclass(frozen=True, slots=True)
class _Offer(_Asked):
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
    is_a_log = (learned.source, learned.project) == ("log", config.data.project)
    log = read_slate_log(config, pipeline, (learned.until or 0) if is_a_log else 0, progress)
    if not log.slates.rewards.any():
        message = f"no slate led to: {', '.join(config.off_policy.rewards)}"
        raise EmptyDataError(message, field="off_policy.rewards")
    if is_a_log and learned.path == without_password(config.data.path):
        return log
    return replace(log, learned_from=learned.path or learned.source)


def read_slate_log(
    config: PolicyRunConfig, pipeline: Pipeline, after: int, progress: Progress
) -> SlateLog:
    """Read a log twice: for what was shown and came of it, and for what it was chosen from.

    State is folded as it was when each slate was chosen, and the pipeline's run scores what there
    was. Slates chosen in a state before `after`, or before `config.data.after`, are left out.
    Raises DataError, EmptyDataError.
    """
    outcomes = _outcomes(config, after, progress)
    seen, n_unseen = outcomes.seen()
    features = MemoryFeatureStore()
    offers = _offers(config, pipeline, seen, features, progress)
    faults = [offer.fault() for offer in offers]
    skipped = (
        outcomes.skipped + Counter({"not confirmed": n_unseen}) + Counter(filter(None, faults))
    )
    whole = [each for each, fault in zip(offers, faults, strict=True) if fault is None]
    whole.sort(key=lambda offer: offer.as_of)
    if not whole:
        told = ", ".join(f"{number} {reason}" for reason, number in skipped.items())
        message = f"the log has no slate to judge by; left out: {told or 'none'}"
        raise EmptyDataError(message, field="data")
    return SlateLog(
        _assembled(whole, features),
        skipped,
        n_confirmed=sum(each.earned.is_confirmed for each in whole),
        n_own=sum(each.is_own for each in whole),
        n_open=outcomes.n_open([each.earned for each in whole]),
    )


def _outcomes(config: PolicyRunConfig, after: int, progress: Progress) -> SlateOutcomes:
    """Read what was shown and what came of it."""
    outcomes = SlateOutcomes(config.off_policy, config.data.project, max(after, config.data.after))
    with opened_log(config.data) as batches:
        for batch in batches:
            outcomes.take_in(batch)
            position = int(_positions(batch)[-1])
            progress(position, config.data.until or position, "reading slates")
    return outcomes


def _offers(
    config: PolicyRunConfig,
    pipeline: Pipeline,
    slates: Sequence[Earned],
    features: FeatureStore,
    progress: Progress,
) -> list[_Offer]:
    """Return each slate beside what it was chosen from, scored in groups of like questions."""
    offers: list[_Offer] = []
    groups: dict[Any, list[_Asked]] = defaultdict(list)
    with opened_log(config.data) as batches, cycle_search_paused():
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
        positions, n_folded = _positions(batch), 0
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


def _scored(group: Sequence[_Asked]) -> list[_Offer]:
    """Return what like questions have to choose from; masks of the catalogue are let go."""
    situation, scores = offered([each.question for each in group])
    columns = zip(group, situation.candidate_rows, scores.values, strict=True)
    return [
        _Offer(each.earned, replace(each.question, allowed=None), each.is_known, rows, values)
        for each, rows, values in columns
    ]


def _assembled(offers: Sequence[_Offer], features: FeatureStore) -> LoggedSlates:
    """Lay slates of different lengths below each other.

    Pasts are left out: no policy looks at them yet, and they would be most of the memory.
    """
    shown = [offer.shown for offer in offers]
    slates = [(offer.earned, len(rows)) for offer, rows in zip(offers, shown, strict=True)]
    queries = [slate.answer.query for slate, _ in slates]
    numbers = [features.number_of(query.project, query.person) for query in queries]
    nothing = Histories.from_rows([np.empty(0, np.int64)] * len(offers))
    candidates = _padded([offer.rows for offer in offers], -1, np.int64)
    return LoggedSlates(
        Situation(nothing, candidates, max(n_places for _, n_places in slates)),
        Scores(_padded([offer.scores for offer in offers], -np.inf, np.float32)),
        Ranking(
            _padded(shown, -1, np.int64),
            _padded([slate.answer.scores[:n] for slate, n in slates], -np.inf, np.float32),
            _padded([slate.answer.propensities[:n] for slate, n in slates], 1.0, np.float64),
        ),
        rewards=_padded([slate.rewards(n) for slate, n in slates], 0.0, np.float64),
        people=np.array([-i if n is None else n for i, n in enumerate(numbers, start=1)]),
        times=np.array([offer.as_of for offer in offers]),
    )


def _positions(batch: pa.RecordBatch) -> IntArray:
    """Return the log positions of a batch, shape (n_rows,)."""
    positions: IntArray = batch.column("position").to_numpy()
    return positions


def _padded(
    rows: Sequence[Sequence[Any] | npt.NDArray[Any]], padding: float, dtype: type[Scalar]
) -> npt.NDArray[Scalar]:
    """Return rows of different lengths as one array, padded behind."""
    padded = np.full((len(rows), max(map(len, rows))), padding, dtype)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = row
    return padded
