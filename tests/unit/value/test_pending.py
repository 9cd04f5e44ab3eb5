"""Events from a clock that is ahead wait until their own time."""

import numpy as np

from coadapt.value._pending import Pending


def columns(users, times):
    return {"users": np.array(users, np.int64), "times": np.array(times, np.int64)}


def waiting(*pairs):
    pending = Pending(columns([], []))
    users, times = zip(*pairs, strict=True)
    pending.settle(columns(users, times), np.zeros(len(pairs), np.int64))
    return pending


def test_an_event_of_the_past_counts_on_arrival():
    pending = Pending(columns([], []))
    due = pending.settle(columns([1], [3]), np.array([5]))
    assert due["users"].tolist() == [1]
    assert len(pending) == 0


def test_an_event_of_the_future_counts_when_the_log_reaches_its_time():
    pending = waiting((1, 10))
    assert len(pending) == 1
    due = pending.settle(columns([2, 3], [9, 11]), np.array([9, 11]))
    assert due["users"].tolist() == [2, 1, 3]


def test_one_who_asks_sees_what_is_due_and_leaves_it():
    pending = waiting((1, 10), (2, 10), (1, 20))
    due = pending.due(np.array([5, 1, 1]), 15)
    assert due["users"].tolist() == [1, 2]
    assert len(pending) == 3


def test_each_user_may_be_asked_for_at_an_instant_of_its_own():
    due = waiting((1, 10), (2, 10)).due(np.array([1, 2]), np.array([9, 10]))
    assert due["users"].tolist() == [1]


def test_forgotten_users_have_nothing_waiting():
    pending = waiting((1, 10), (2, 10))
    pending.forget(np.array([1]))
    assert pending.state()["users"].tolist() == [2]


def test_the_state_goes_on_elsewhere():
    other = Pending(columns([], []))
    other.load_state(waiting((1, 10)).state())
    assert other.due(np.array([1]), 10)["times"].tolist() == [10]
