import numpy as np
import pytest
import torch

from coadapt.domain.durations import DAY_MS
from coadapt.value._duve.memory import Memory

RATES = torch.tensor([[0.0, 0.1], [0.5, 2.0]])
USERS = np.array([0, 1, 0, 0])
TYPES = np.array([0, 1, 0, 1])
TIMES = np.array([0, 2, 5, 1]) * DAY_MS
MESSAGES = torch.tensor([[1.0], [2.0], [3.0], [4.0]])


def memory() -> Memory:
    made = Memory(RATES, 1)
    made.add(USERS, TYPES, TIMES, MESSAGES)
    return made


def test_each_type_fades_at_its_own_rates() -> None:
    sums = memory().read(np.array([0]), np.array([5 * DAY_MS]))[0, :, :, 0].numpy()
    assert sums[0] == pytest.approx([4.0, 3.0 + np.exp(-0.5)])
    assert sums[1] == pytest.approx([4 * np.exp(-2.0), 4 * np.exp(-8.0)])


def test_one_by_one_is_as_all_at_once() -> None:
    each = Memory(RATES, 1)
    for event in range(len(USERS)):
        part = slice(event, event + 1)
        each.add(USERS[part], TYPES[part], TIMES[part], MESSAGES[part])
    users, now = np.array([0, 1]), np.full(2, 9 * DAY_MS)
    torch.testing.assert_close(each.read(users, now), memory().read(users, now))


def test_unknown_and_forgotten_users_have_no_sums() -> None:
    made = memory()
    made.clear(np.array([1]))
    assert not made.read(np.array([1, 7, -1]), np.full(3, 9 * DAY_MS)).any()


def test_an_excerpt_is_renumbered() -> None:
    made = memory()
    part = made.excerpt(np.array([1, 0]))
    now = np.full(2, 9 * DAY_MS)
    assert (part.read(np.arange(2), now) == made.read(np.array([1, 0]), now)).all()
