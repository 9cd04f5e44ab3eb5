import numpy as np
import pytest

from coadapt.value._duve.arrivals import Arrivals
from coadapt.value._duve.inputs import (
    N_CHANNELS,
    N_INPUTS,
    Neighbourhood,
    Typical,
    numbers_of,
)

TYPICAL = Typical(log_amount=2.0, session_minutes=30.0)


def two_events_on_an_item() -> Arrivals:
    return Arrivals(
        users=np.array([0, 1]),
        items=np.array([3, 3]),
        hosts=np.array([-1, -1]),
        types=np.array([0, 0]),
        times=np.array([0, 1000]),
        values=np.array([np.expm1(2.0), np.nan]),
        quantities=np.array([np.nan, np.nan]),
        amounts=np.array([np.expm1(2.0), 0.0]),
    )


def test_numbers_say_visit_amount_and_sign() -> None:
    numbers = numbers_of(two_events_on_an_item(), np.array([np.inf, 5.0]), TYPICAL)
    assert numbers.shape == (2, N_INPUTS)
    assert numbers[:, 0].tolist() == [1.0, 0.0]
    assert numbers[0, 1] == pytest.approx(0.0, abs=1e-6)


def test_absurd_values_give_finite_numbers() -> None:
    events = two_events_on_an_item()
    events.values[:] = [np.inf, -1e300]
    assert np.isfinite(numbers_of(events, np.array([0.0, 0.0]), TYPICAL)).all()


def test_an_item_tells_of_who_met_it_before() -> None:
    summaries, present = Neighbourhood((7.0, 30.0)).fold(two_events_on_an_item())
    assert summaries.shape == (2, 3, 2 * N_CHANNELS)
    assert not summaries[0].any()
    assert summaries[1, 1, 0] == pytest.approx(np.log(2.0), rel=1e-3)
    assert present.tolist() == [[1, 1, 0], [1, 1, 0]]


def test_a_forgotten_user_leaves_the_item_as_it_is() -> None:
    neighbourhood = Neighbourhood((7.0,))
    neighbourhood.fold(two_events_on_an_item())
    neighbourhood.clear(np.array([0]))
    assert not neighbourhood.tables[0].sums[0].any()
    assert neighbourhood.tables[1].sums[3].any()
