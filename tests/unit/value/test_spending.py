"""Events that are money add up to net spend."""

from dataclasses import replace

import numpy as np
import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.testing.tiny import FIRST_DAY_MS, shoppers
from coadapt.value.base import ValueConfig
from coadapt.value.spending import (
    LARGEST_AMOUNT,
    is_purchase,
    net_amounts,
    spend_between,
    users_before,
)

SPEND_TYPES = ValueConfig().spend_types
STREAM = shoppers().take(slice(0, 3))


def with_types(*types, values=(5.0, 7.0, 2.0)):
    return replace(STREAM, types=np.array(types), values=np.array(values))


def test_views_are_no_money():
    assert net_amounts(with_types(0, 1, 0), SPEND_TYPES).tolist() == [0.0, 7.0, 0.0]


@pytest.mark.parametrize("value", [2.0, -2.0])
def test_refunds_are_taken_off_however_they_are_signed(value):
    stream = with_types(1, 1, 2, values=(5.0, 7.0, value))
    assert net_amounts(stream, SPEND_TYPES).tolist() == [5.0, 7.0, -2.0]


def test_no_amount_is_beyond_the_largest():
    stream = with_types(1, 1, 1, values=(1e300, -1e300, np.inf))
    expected = [LARGEST_AMOUNT, -LARGEST_AMOUNT, 0.0]
    assert net_amounts(stream, SPEND_TYPES).tolist() == expected


def test_a_purchase_may_be_worth_nothing_but_not_less():
    stream = with_types(1, 1, 2, values=(np.nan, -3.0, 2.0))
    assert is_purchase(stream, SPEND_TYPES).tolist() == [True, False, False]


def test_what_was_given_back_leaves_nothing():
    same_user = replace(with_types(1, 1, 2, values=(0.1, 0.2, 0.3)), users=np.zeros(3, np.int64))
    amounts = net_amounts(same_user, SPEND_TYPES)
    spend = spend_between(same_user, amounts, np.array([0]), 0, FIRST_DAY_MS + DAY_MS)
    assert spend.tolist() == [0.0]


def test_the_end_of_a_period_is_not_in_it():
    stream = replace(with_types(1, 1, 1), users=np.array([4, 4, 4]), times=np.array([1, 2, 3]))
    spend = spend_between(stream, net_amounts(stream, SPEND_TYPES), np.array([4, 9]), 1, 3)
    assert spend.tolist() == [12.0, 0.0]


def test_users_before_an_instant_had_an_event_by_then():
    stream = replace(STREAM, users=np.array([4, 2, 9]))
    assert users_before(stream, int(stream.times[2])).tolist() == [2, 4]
