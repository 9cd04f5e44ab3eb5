"""One person is followed through a stream, and told about."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import NotFoundError
from coadapt.domain.resources import Resources
from coadapt.plugins import load_plugin
from coadapt.testing.tiny import FIRST_DAY_MS, SHOPPING_DAYS, shoppers
from coadapt.training.standing import standing_at
from coadapt.training.stream_reading import StreamReading
from coadapt.training.trajectory import MAX_SPENDING_EVENTS, N_INSTANTS, follow, telling_user
from coadapt.training.value_telling import user_row
from coadapt.value.base import ValueModel
from coadapt.value.segments import CHANGE_DAYS
from coadapt.value.spending import net_amounts

END = FIRST_DAY_MS + SHOPPING_DAYS * DAY_MS


@pytest.fixture
def model() -> ValueModel[Any]:
    method = load_plugin("value", "rfm")
    model: ValueModel[Any] = method(method.Config(min_examples=5))
    model.fit(shoppers(), Resources(), END)
    return model


def test_a_story_starts_with_the_prior_and_knows_only_its_past(model: ValueModel[Any]) -> None:
    stream = shoppers()
    prior = model.value(np.array([0]), FIRST_DAY_MS).expected_spend[0]
    story = follow(model, stream, 3)
    assert story.expected[0] == prior
    assert len(story.instants) == len(story.expected) == N_INSTANTS
    assert (story.low <= story.high).all()
    assert len(story.event_times) == len(story.amounts) == np.count_nonzero(stream.users == 3)


def test_a_story_ends_where_everything_is_known(model: ValueModel[Any]) -> None:
    stream = shoppers()
    last = follow(model, stream, 3).expected[-1]
    assert last == model.value(np.array([3]), int(stream.times.max())).expected_spend[0]


def test_a_telling_user_bought_often_but_not_too_often() -> None:
    stream = shoppers()
    types = {"purchase": 1.0}
    row = telling_user(stream, types)
    bought = np.bincount(stream.users[net_amounts(stream, types) > 0])
    assert bought[row] == max(count for count in bought if count <= MAX_SPENDING_EVENTS)


def test_standing_compares_with_a_week_before(model: ValueModel[Any]) -> None:
    stream = shoppers()
    users, standing = standing_at(model, stream, END)
    assert len(users) == stream.n_users
    assert (standing.tenure_days >= standing.recency_days).all()
    first = np.full(stream.n_users, END)
    np.minimum.at(first, stream.users, stream.times)
    is_young = first > END - CHANGE_DAYS * DAY_MS
    np.testing.assert_array_equal(np.isnan(standing.expected_before), is_young)


def test_users_of_a_log_are_found_by_their_own_id() -> None:
    reading = StreamReading("log", shoppers(), None)
    assert user_row(reading, "u3") == reading.stream.user_ids.row("u3")
    with pytest.raises(NotFoundError):
        user_row(reading, "nobody")
