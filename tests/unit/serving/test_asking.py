"""A query becomes a question about rows of a run, and about nothing that may not be shown."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coadapt.domain.queries import ItemFilter, Person, Query
from coadapt.serving.asking import MAX_HISTORY, Asking, ask, past_of
from coadapt.serving.ingest import Receipt
from coadapt.serving.loop import Loop
from coadapt.serving.pipeline import Pipeline

Send = Callable[..., Receipt]
Put = Callable[..., Asking]

NOW_MS = 1_795_300_000_000


def view(item_id: str, **more: object) -> dict[str, object]:
    return {"type": "page_view", "user_id": "anna", "item_id": item_id, **more}


def query_of(**fields: Any) -> Query:
    return Query(Person(user_id="anna"), **{"as_of": NOW_MS, **fields})


@pytest.fixture
def put(loop: Loop, pipeline: Pipeline) -> Put:
    return lambda **fields: ask(loop.features, pipeline, query_of(**fields))


def test_a_past_becomes_rows_of_the_run_oldest_first(send: Send, put: Put) -> None:
    send(view("i7", timestamp=NOW_MS - 5, value=2.5), view("i1", timestamp=NOW_MS - 9))
    question = put().question
    assert question.rows.tolist() == [1, 7]
    assert question.times.tolist() == [NOW_MS - 9, NOW_MS - 5]
    assert question.values[1] == 2.5


def test_items_that_the_run_does_not_know_are_left_out(send: Send, put: Put) -> None:
    send(view("new"), view("i1"), view("🛍️"))
    asking = put()
    assert asking.question.rows.tolist() == [1]
    assert len(asking.past.items) == 3


def test_a_past_of_unknown_items_is_cold(send: Send, put: Put) -> None:
    send(view("new"))
    assert put().is_cold
    send(view("i1"))
    assert not put().is_cold


def test_a_given_history_is_of_now_and_without_values(send: Send, put: Put) -> None:
    send(view("i7"))
    question = put(history=("i3", "new", "i3")).question
    assert question.rows.tolist() == [3, 3]
    assert question.times.tolist() == [NOW_MS, NOW_MS]
    assert np.isnan(question.values).all()


def test_an_empty_history_is_not_the_stored_one(send: Send, put: Put) -> None:
    send(view("i7"))
    assert put(history=()).is_cold


def test_only_the_newest_events_are_looked_at(send: Send, put: Put) -> None:
    times = range(NOW_MS - MAX_HISTORY - 2, NOW_MS)
    send(*(view(f"i{time % 12}", timestamp=time) for time in times))
    question = put().question
    assert len(question.rows) == MAX_HISTORY
    assert question.times[[0, -1]].tolist() == [NOW_MS - MAX_HISTORY, NOW_MS - 1]


def test_events_after_the_log_position_are_cut_off(loop: Loop, send: Send) -> None:
    send(view("i1"), view("i2"), view("i3"))
    assert past_of(loop.features, query_of(), log_position=2).positions.tolist() == [1, 2]
    assert past_of(loop.features, query_of(), log_position=3).positions.tolist() == [1, 2, 3]


def test_a_question_knows_the_last_event_folded(send: Send, put: Put) -> None:
    send(view("i1"), view("i2", user_id="ben"))
    assert put().log_position == 2


def test_items_to_rank_are_rows_in_the_order_given(put: Put) -> None:
    candidates = put(item_ids=("i9", "new", "i0")).question.candidates
    assert candidates is not None
    assert candidates.tolist() == [9, 0]
    assert put().question.candidates is None


def test_excluded_items_are_masked_and_unknown_ones_ignored(put: Put) -> None:
    allowed = put(exclude_item_ids=frozenset({"i2", "new"})).question.allowed
    assert allowed is not None
    assert np.flatnonzero(~allowed).tolist() == [2]


def test_an_exclusion_holds_for_one_question_only(send: Send, put: Put) -> None:
    send(view("i2"))
    before = put().question.allowed
    put(exclude_item_ids=frozenset({"i2"}))
    after = put().question.allowed
    assert before is not None
    assert after is not None
    assert before.all()
    assert after.all()


def test_a_filter_masks_what_is_known_not_to_fit(send: Send, put: Put) -> None:
    send(view("i4"))
    allowed = put(item_filter=ItemFilter({"category": frozenset({"tea"})})).question.allowed
    assert allowed is not None
    assert not allowed[4]


def test_items_that_were_never_described_pass_no_filter(put: Put) -> None:
    allowed = put(item_filter=ItemFilter({"category": frozenset({"tea"})})).question.allowed
    assert allowed is not None
    assert not allowed.any()


def test_a_filter_that_asks_nothing_lets_every_item_pass(put: Put) -> None:
    allowed = put(item_filter=ItemFilter()).question.allowed
    assert allowed is not None
    assert allowed.all()


def test_a_pipeline_without_filters_asks_without_a_mask(loop: Loop, pipeline: Pipeline) -> None:
    bare = replace(pipeline, config=pipeline.config.model_copy(update={"filters": ()}))
    question = ask(loop.features, bare, query_of()).question
    assert (question.allowed, question.skip_seen) == (None, False)
    assert ask(loop.features, pipeline, query_of()).question.skip_seen
