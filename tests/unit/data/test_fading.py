import numpy as np
import pytest

from coadapt.data.fading import FadingTable, scan
from coadapt.domain.durations import DAY_MS

RATES = np.array([0.0, 0.1, 2.0])


def history(n_events: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    times = np.sort(rng.integers(0, 300 * DAY_MS, n_events))
    is_late = rng.random(n_events) < 0.2
    times = np.where(is_late, times - rng.integers(0, 9 * DAY_MS, n_events), times)
    return rng.integers(0, 5, n_events), times, rng.normal(size=(n_events, 2))


def one_by_one(rows: np.ndarray, times: np.ndarray, messages: np.ndarray) -> FadingTable:
    table = FadingTable(RATES, 2)
    for event in range(len(rows)):
        table.fold(rows[[event]], times[[event]], messages[[event]])
    return table


def test_a_sum_fades_by_its_rate_and_age() -> None:
    table = FadingTable(RATES, 1)
    table.fold(np.array([0]), np.array([0]), np.array([[4.0]]))
    faded = table.read(np.array([0]), 10 * DAY_MS)[0, :, 0]
    assert faded == pytest.approx(4.0 * np.exp(-10 * RATES))


def test_many_events_at_once_are_as_one_after_the_other() -> None:
    rows, times, messages = history(300)
    table = FadingTable(RATES, 2)
    table.fold(rows, times, messages)
    each = one_by_one(rows, times, messages)
    everybody, now = np.arange(5), 400 * DAY_MS
    np.testing.assert_allclose(table.read(everybody, now), each.read(everybody, now), atol=1e-9)


def test_what_was_before_an_event_leaves_it_out() -> None:
    table = FadingTable(RATES, 1)
    before = table.fold(np.array([1, 1]), np.array([0, DAY_MS]), np.array([[3.0], [5.0]]))
    assert before[0].sum() == 0.0
    assert before[1, :, 0] == pytest.approx(3.0 * np.exp(-RATES))


def test_a_late_event_counts_by_its_own_age() -> None:
    table = FadingTable(RATES, 1)
    table.fold(np.array([0, 0]), np.array([9 * DAY_MS, 0]), np.array([[0.0], [1.0]]))
    assert table.read(np.array([0]), 9 * DAY_MS)[0, :, 0] == pytest.approx(np.exp(-9 * RATES))


def test_cleared_rows_are_empty() -> None:
    table = one_by_one(*history(30))
    table.clear(np.array([2]))
    assert not table.read(np.array([2]), 400 * DAY_MS).any()


def test_an_excerpt_reads_as_the_whole() -> None:
    table = one_by_one(*history(30))
    part = table.excerpt(np.array([4, 1]))
    now = 400 * DAY_MS
    assert (part.read(np.array([0, 1]), now) == table.read(np.array([4, 1]), now)).all()


def test_a_scan_is_a_running_sum_with_gains() -> None:
    gains = np.array([[0.0], [0.5], [0.5], [0.0], [2.0]])
    added = np.ones((5, 1, 1))
    assert scan(gains, added)[:, 0, 0].tolist() == [1.0, 1.5, 1.75, 1.0, 3.0]
