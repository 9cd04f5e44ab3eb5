"""The ledger keeps each user's sums, in whatever parts and order the events come."""

from dataclasses import fields, replace

import numpy as np
import pytest

from coadapt.data.dataset import Vocabulary
from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS
from coadapt.testing.tiny import FIRST_DAY_MS, N_SHOPPERS, shoppers
from coadapt.value._ledger import Ledger
from coadapt.value.base import ValueConfig

SPEND_TYPES = ValueConfig().spend_types
EVERYBODY = np.arange(N_SHOPPERS)
NOW = FIRST_DAY_MS + 1000 * DAY_MS
NAMES = ("page_view", "purchase", "refund")


def events(*rows):
    """Return a stream of (user, type, day, value[, day of arrival]), one arrival after another."""
    full = [(*row, row[2])[:5] for row in rows]
    users, types, days, values, arrivals = (np.array(column) for column in zip(*full, strict=True))
    none = np.full(len(rows), -1)
    return Stream(
        users=users,
        items=none,
        hosts=none,
        types=np.array([NAMES.index(name) for name in types]),
        times=(FIRST_DAY_MS + days * DAY_MS).astype(np.int64),
        received=(FIRST_DAY_MS + arrivals * DAY_MS).astype(np.int64),
        values=values.astype(np.float64),
        quantities=np.full(len(rows), np.nan),
        type_names=NAMES,
        user_ids=Vocabulary([]),
        item_ids=Vocabulary([]),
        host_ids=Vocabulary([]),
    )


def summary(stream, n_events=None):
    ledger = Ledger(SPEND_TYPES)
    for batch in stream.batches(n_events or len(stream)):
        ledger.update(batch)
    return ledger.at(EVERYBODY, NOW)


def assert_equal(left, right):
    for column in fields(left):
        np.testing.assert_allclose(
            getattr(left, column.name), getattr(right, column.name), rtol=1e-9, atol=1e-9
        )


def shuffled(seed=0):
    """Return shoppers' events of which some come days late and some days early."""
    stream = shoppers()
    rng = np.random.default_rng(seed)
    delays = rng.choice([0, 0, 3, -3], len(stream)) * DAY_MS
    received = stream.times + delays
    order = np.argsort(received, kind="stable")
    return replace(stream, received=received).take(order)


def test_a_purchase_is_a_day_and_an_amount():
    found = summary(events((0, "purchase", 1, 5.0), (0, "purchase", 1.5, 2.0)))
    assert (found.n_days[0], found.n_purchases[0], found.total[0]) == (1, 2, 7.0)


def test_a_refund_is_taken_off_however_it_is_signed():
    found = summary(events((0, "purchase", 1, 9.0), (0, "refund", 2, 2.0), (0, "refund", 3, -3.0)))
    assert (found.total[0], found.refunds[0], found.n_days[0]) == (4.0, 5.0, 1)


def test_the_first_and_the_last_day_have_totals_of_their_own():
    found = summary(
        events(
            (0, "purchase", 1, 5.0),
            (0, "purchase", 1.2, 1.0),
            (0, "purchase", 4, 7.0),
            (0, "purchase", 4.9, 2.0),
        )
    )
    assert (found.first_day_total[0], found.last_day_total[0], found.largest[0]) == (6.0, 9.0, 7.0)


def test_a_view_is_an_event_without_money():
    found = summary(events((0, "page_view", 3, 12.0)))
    assert (found.n_events[0], found.n_purchases[0], found.total[0]) == (1, 0, 0.0)


def test_decayed_sums_halve_by_the_half_life():
    found = summary(events((0, "purchase", 0, 8.0), (0, "page_view", 30, np.nan)))
    assert found.decayed[0, 1].tolist() == pytest.approx([1.5, 0.5, 4.0])


def test_a_late_event_counts_as_if_it_had_come_in_time():
    in_time = events((0, "purchase", 1, 5.0), (0, "purchase", 4, 7.0))
    late = events((0, "purchase", 4, 7.0), (0, "purchase", 1, 5.0, 5))
    assert_equal(summary(late), summary(in_time))


@pytest.mark.parametrize("n_events", [1, 7, 500])
def test_parts_of_any_size_give_the_same(n_events):
    assert_equal(summary(shuffled(), n_events), summary(shuffled()))


def test_an_event_ahead_of_its_time_does_not_count_yet():
    ledger = Ledger(SPEND_TYPES)
    ledger.update(events((0, "purchase", 10, 5.0, 1)))
    days = FIRST_DAY_MS + np.array([9, 10]) * DAY_MS
    assert ledger.at(np.array([0, 0]), days).total.tolist() == [0.0, 5.0]


def test_unknown_users_have_nothing():
    assert Ledger(SPEND_TYPES).at(np.array([3, -1]), NOW).n_events.tolist() == [0, 0]


def test_the_forgotten_are_unknown():
    ledger = Ledger(SPEND_TYPES)
    ledger.update(shuffled())
    ledger.forget(np.array([1, 900]))
    assert ledger.at(np.array([0, 1]), NOW).n_events.astype(bool).tolist() == [True, False]


def test_the_state_goes_on_elsewhere():
    stream = shuffled()
    ledger, other = Ledger(SPEND_TYPES), Ledger(SPEND_TYPES)
    ledger.update(stream.take(slice(0, 2000)))
    other.load_state(ledger.state())
    other.update(stream.take(slice(2000, None)))
    assert_equal(other.at(EVERYBODY, NOW), summary(stream))
