from collections.abc import Iterator
from threading import Event

import numpy as np
import pytest

from coadapt.data.batches import Histories
from coadapt.domain.errors import OverloadedError, ScoringError
from coadapt.serving.pipeline import Pipeline
from coadapt.serving.scoring import Question, Scorer, choose

NO_TIME_S = 10.0


@pytest.fixture
def scorer() -> Iterator[Scorer]:
    scorer = Scorer(max_waiting=4, seed=1)
    yield scorer
    scorer.close()


def question(pipeline: Pipeline, *rows: int, count: int = 3, **more: object) -> Question:
    times = np.zeros(len(rows), np.int64)
    values = np.full(len(rows), np.nan)
    return Question(pipeline, np.array(rows, np.int64), times, values, count, **more)  # type: ignore[arg-type]  # fields by name


def test_questions_asked_together_get_the_answers_they_get_alone(pipeline: Pipeline) -> None:
    questions = [question(pipeline, 7), question(pipeline, 1, 2), question(pipeline)]
    rng = np.random.default_rng(0)
    alone = [choose([one], rng).rows[0].tolist() for one in questions]
    assert choose(questions, rng).rows.tolist() == alone


def test_each_question_has_its_own_mask(pipeline: Pipeline) -> None:
    left = np.arange(12) < 6
    questions = [question(pipeline, 7, allowed=left), question(pipeline, 7, allowed=~left)]
    rows = choose(questions, np.random.default_rng(0)).rows
    assert (rows[0] < 6).all()
    assert (rows[1] >= 6).all()


def test_only_the_candidates_are_ranked(pipeline: Pipeline) -> None:
    asked = question(pipeline, 7, candidates=np.array([1, 8, 9]))
    assert sorted(choose([asked], np.random.default_rng(0)).rows[0]) == [1, 8, 9]


def test_a_scorer_answers_every_question(scorer: Scorer, pipeline: Pipeline) -> None:
    answers = [scorer.ask(question(pipeline, 7, count=n)) for n in (1, 2, 3)]
    assert [len(answer.result(NO_TIME_S).rows) for answer in answers] == [1, 2, 3]


def test_a_failure_is_told_and_the_next_question_answered(
    scorer: Scorer, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(pipeline.recommender, "top", None)
        failure = scorer.ask(question(pipeline, 7)).exception(NO_TIME_S)
    assert isinstance(failure, ScoringError)
    assert len(scorer.ask(question(pipeline, 7)).result(NO_TIME_S).rows) == 3


def test_too_many_waiting_questions_are_refused(
    scorer: Scorer, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Event()
    monkeypatch.setattr(pipeline.recommender, "top", lambda *_, **__: gate.wait(NO_TIME_S))
    with pytest.raises(OverloadedError):
        [scorer.ask(question(pipeline, 7)) for _ in range(40)]
    gate.set()


def test_a_question_that_was_given_up_is_not_scored(
    scorer: Scorer, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, scored, top = Event(), list[int](), pipeline.recommender.top

    def wait_and_top(histories: Histories, *asked: object, **more: object) -> object:
        gate.wait(NO_TIME_S)
        scored.extend(histories.rows.tolist())
        return top(histories, *asked, **more)

    monkeypatch.setattr(pipeline.recommender, "top", wait_and_top)
    first, given_up, last = (scorer.ask(question(pipeline, row, count=row)) for row in (1, 2, 3))
    assert given_up.cancel()
    gate.set()
    assert [len(answer.result(NO_TIME_S).rows) for answer in (first, last)] == [1, 3]
    assert scored == [1, 3]


def test_fewer_questions_may_wait_while_answers_take_long(
    scorer: Scorer, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Event()
    scorer.ask(question(pipeline, 7)).result(NO_TIME_S)
    monkeypatch.setattr("coadapt.serving.scoring.MAX_WAIT_S", 0.0)
    monkeypatch.setattr(pipeline.recommender, "top", lambda *_, **__: gate.wait(NO_TIME_S))
    with pytest.raises(OverloadedError):
        [scorer.ask(question(pipeline, 7)) for _ in range(4)]
    gate.set()


def test_while_several_ask_at_once_the_next_round_lets_questions_gather(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coadapt.serving.scoring.GATHER_S", 0.2)
    scorer, n_questions = Scorer(seed=1), counted(pipeline, monkeypatch)
    for answer in [scorer.ask(question(pipeline, 7)) for _ in range(8)]:
        answer.result(NO_TIME_S)
    n_before = len(n_questions)
    for answer in [scorer.ask(question(pipeline, 7)) for _ in range(4)]:
        answer.result(NO_TIME_S)
    scorer.close()
    assert n_questions[n_before:] == [4]


def counted(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the number of questions of each round."""
    n_questions: list[int] = []
    recommender_top = pipeline.recommender.top

    def top(histories: Histories, *asked: object, **more: object) -> object:
        n_questions.append(len(histories))
        return recommender_top(histories, *asked, **more)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(pipeline.recommender, "top", top)
    return n_questions
