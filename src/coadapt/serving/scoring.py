"""Score and choose for many questions at once, on one thread beside the one that talks HTTP."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Thread
from typing import Final

import numpy as np

from coadapt.data.batches import (
    BoolArray,
    FloatArray,
    Histories,
    IntArray,
    Ranking,
    ScoreArray,
    Scores,
    Situation,
)
from coadapt.domain.containment import contained
from coadapt.domain.errors import OverloadedError, ScoringError
from coadapt.domain.gathering import Gathering
from coadapt.serving.pipeline import Pipeline

_logger = logging.getLogger(__name__)

MAX_BATCH: Final = 32

GATHER_S: Final = 0.008
"""Time between two rounds in which questions gather.

Every round hands the interpreter's lock over a hundred times, so that many small ones delay all.
"""

MAX_WAIT_S: Final = 1.0
"""How long a question may be about to wait; answers give up on it after twice as long."""

_WEIGHT_OF_NEWEST: Final = 0.5


@dataclass(frozen=True, slots=True)
class Question:
    """Ask a pipeline about one history.

    `rows`, `times` and `values` are the history, oldest first. `candidates` are the item rows to
    rank, None: the best of the catalogue. `allowed` masks item rows.
    """

    pipeline: Pipeline
    rows: IntArray
    times: IntArray
    values: FloatArray
    count: int
    candidates: IntArray | None = None
    allowed: BoolArray | None = None
    skip_seen: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """Hold the chosen item rows of one question, best first, with scores and propensities."""

    rows: IntArray
    scores: ScoreArray
    propensities: FloatArray


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Hold a question and the future of its answer."""

    question: Question
    answered: Future[Choice] = field(default_factory=Future)

    def starts(self) -> bool:
        """Tell whether anyone still waits; from then on the question cannot be cancelled."""
        return self.answered.set_running_or_notify_cancel()


class Scorer:
    """Answer questions on one thread that takes all that wait and scores them in one call.

    At most `max_waiting` questions wait, and fewer while rounds take long: none is let in that
    would wait above MAX_WAIT_S. A question whose future was cancelled before its turn is skipped.
    `seed` fixes the policies' draws; None draws afresh.
    """

    def __init__(self, *, max_waiting: int = 512, seed: int | None = None) -> None:
        self._rng = np.random.default_rng(seed)
        self._waiting: Queue[_Waiting | None] = Queue()
        self._max_waiting = max_waiting
        self._round_s = 0.0
        self._thread = Thread(target=self._run, name="score", daemon=True)
        self._thread.start()

    def ask(self, question: Question) -> Future[Choice]:
        """Return the future of an answer.

        Raises OverloadedError at once; in the future ScoringError.
        """
        n_waiting = self._waiting.qsize()
        wait_s = -(-n_waiting // MAX_BATCH) * self._round_s
        if n_waiting >= self._max_waiting or wait_s > MAX_WAIT_S:
            raise OverloadedError("too many questions are waiting; come back in a second")
        waiting = _Waiting(question)
        self._waiting.put(waiting)
        return waiting.answered

    def close(self) -> None:
        """Answer what waits, then stop."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        """Answer groups of like questions until told to stop."""
        gathering = Gathering(GATHER_S)
        while (first := self._waiting.get()) is not None:
            time.sleep(gathering.pause_s(time.perf_counter()))
            started_s = time.perf_counter()
            taken = [first, *self._others()]
            groups: dict[tuple[int, int, bool], list[_Waiting]] = defaultdict(list)
            for waiting in taken:
                groups[likeness(waiting.question)].append(waiting)
            for group in groups.values():
                self._answer([each for each in group if each.starts()])
            newest_s = time.perf_counter() - started_s
            self._round_s += _WEIGHT_OF_NEWEST * (newest_s - self._round_s)
            gathering.ended(len(taken), time.perf_counter())

    def _others(self) -> list[_Waiting]:
        """Take what else is waiting, up to a batch."""
        taken: list[_Waiting] = []
        while len(taken) < MAX_BATCH - 1:
            try:
                following = self._waiting.get_nowait()
            except Empty:
                break
            if following is None:
                self._waiting.put(None)
                break
            taken.append(following)
        return taken

    def _answer(self, group: Sequence[_Waiting]) -> None:
        """Answer one group; what a model raises must not end the thread on which all wait."""
        if not group:
            return
        with contained() as held:
            chosen = choose([waiting.question for waiting in group], self._rng)
        if held.error is not None:
            _logger.error("a live pipeline failed", exc_info=held.error)
            for waiting in group:
                waiting.answered.set_exception(ScoringError("the live pipeline failed"))
            return
        for q, waiting in enumerate(group):
            answer = Choice(chosen.rows[q], chosen.scores[q], chosen.propensities[q])
            waiting.answered.set_result(answer)


def choose(questions: Sequence[Question], rng: np.random.Generator) -> Ranking:
    """Answer like questions (one pipeline, one count) in one call of recommender and policy."""
    situation, scores = offered(questions)
    return questions[0].pipeline.policy.choose(situation, scores, rng)


def offered(questions: Sequence[Question]) -> tuple[Situation, Scores]:
    """Return what like questions have to choose from, in one call of the recommender."""
    first = questions[0]
    histories = _histories(questions)
    if first.candidates is None:
        best = first.pipeline.recommender.top(
            histories,
            max(first.pipeline.config.candidates, first.count),
            _allowed(questions),
            skip_seen=first.skip_seen,
        )
        rows, values = best.rows, np.where(best.rows < 0, -np.inf, best.scores)
    else:
        values = first.pipeline.recommender.score(histories, first.candidates).values
        rows = first.candidates[np.newaxis, :]
    return Situation(histories, rows, first.count), Scores(values.astype(np.float32))


def likeness(question: Question) -> tuple[int, int, bool]:
    """Return what questions of one call share; a question with its own candidates stays alone."""
    owner = question.pipeline if question.candidates is None else question
    return id(owner), question.count, question.skip_seen


def _histories(questions: Sequence[Question]) -> Histories:
    """Lay the pasts of several questions end to end."""
    lengths = [len(question.rows) for question in questions]
    rows = np.concatenate([question.rows for question in questions])
    return Histories(
        rows,
        np.zeros(len(rows), np.int64),
        np.concatenate([question.times for question in questions]),
        np.concatenate([question.values for question in questions]),
        np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
    )


def _allowed(questions: Sequence[Question]) -> BoolArray | None:
    """Return one mask for all questions if they share it, else one a question."""
    masks = [question.allowed for question in questions]
    if all(mask is masks[0] for mask in masks):
        return masks[0]
    n_items = len(questions[0].pipeline.vocabulary)
    return np.stack([np.ones(n_items, np.bool_) if mask is None else mask for mask in masks])
