"""Check that a value model's state keeps the contract of `coadapt.value.base`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.testing.tiny import N_SHOPPERS, shoppers
from coadapt.testing.values import (
    EVERYBODY,
    NOW,
    SOON,
    STRANGER,
    Make,
    ValueModelFixtures,
    assert_same,
    like,
    take,
    untimely,
)
from coadapt.value.base import ValueModel


class StateContract(ValueModelFixtures):
    """Subclass this and override the fixture `make`: what events are folded into."""

    def test_each_user_may_have_an_instant(self, informed: ValueModel[Any]) -> None:
        """One instant a user answers as several questions would."""
        instants = SOON + np.array([0, 100]) * DAY_MS
        both = informed.value(EVERYBODY[:2], instants)
        for row in (0, 1):
            alone = informed.value(EVERYBODY[row : row + 1], int(instants[row]))
            assert_same(alone, take(both, np.array([row])))

    @pytest.mark.parametrize("n_events", [1, 97])
    def test_batches_of_any_size_give_the_same_state(
        self, make: Make, informed: ValueModel[Any], n_events: int
    ) -> None:
        """Only the order of the log decides."""
        other = like(make, informed)
        for batch in untimely().batches(n_events):
            other.update(batch)
        assert_same(other.value(EVERYBODY, SOON), informed.value(EVERYBODY, SOON))
        expected = informed.embed(EVERYBODY, SOON)
        np.testing.assert_allclose(other.embed(EVERYBODY, SOON), expected, rtol=1e-4, atol=1e-4)

    def test_no_events_change_nothing(self, informed: ValueModel[Any]) -> None:
        """An empty batch is one too."""
        before = informed.value(EVERYBODY, SOON)
        informed.update(untimely().take(slice(0, 0)))
        assert_same(informed.value(EVERYBODY, SOON), before)

    def test_a_snapshot_goes_on_elsewhere(self, make: Make, fitted: ValueModel[Any]) -> None:
        """State is all there is to know of the events."""
        stream = untimely()
        fitted.update(stream.take(slice(0, 2000)))
        other = like(make, fitted)
        other.load_state({name: array.copy() for name, array in fitted.state().items()})
        for model in (fitted, other):
            model.update(stream.take(slice(2000, None)))
        assert_same(other.value(EVERYBODY, SOON), fitted.value(EVERYBODY, SOON))

    def test_a_snapshot_stays_as_it_is(self, fitted: ValueModel[Any]) -> None:
        """What comes later does not reach into it."""
        stream = untimely()
        fitted.update(stream.take(slice(0, 2000)))
        state = fitted.state()
        kept = {name: array.copy() for name, array in state.items()}
        fitted.update(stream.take(slice(2000, None)))
        np.testing.assert_equal(dict(state), kept)

    def test_state_is_bounded_in_bytes(self, informed: ValueModel[Any]) -> None:
        """A user takes some kilobytes at most."""
        assert 0 < informed.bytes_per_user < 50_000

    def test_loading_weights_empties_the_state(self, informed: ValueModel[Any]) -> None:
        """Another model's weights begin anew."""
        informed.load_weights(dict(informed.weights()))
        assert informed.value(EVERYBODY, SOON).is_prior.all()

    def test_nobody_is_known_after_fitting(self, fitted: ValueModel[Any]) -> None:
        """Weights hold nothing of any user."""
        assert fitted.value(EVERYBODY, NOW).is_prior.all()

    def test_what_comes_after_an_instant_does_not_change_it(
        self, make: Make, fitted: ValueModel[Any]
    ) -> None:
        """Events whose own time lies after it wait."""
        stream = untimely()
        instant = NOW - 100 * DAY_MS
        other = like(make, fitted)
        fitted.update(stream.take(stream.received <= instant))
        other.update(stream.known_at(instant))
        assert_same(other.value(EVERYBODY, instant), fitted.value(EVERYBODY, instant))

    def test_what_was_ahead_of_its_time_counts_later(
        self, make: Make, fitted: ValueModel[Any]
    ) -> None:
        """A clock that is ahead loses nothing."""
        stream = shoppers()
        ahead = replace(stream, received=np.minimum(stream.received, NOW - 20 * DAY_MS))
        other = like(make, fitted)
        fitted.update(ahead)
        other.update(stream)
        assert_same(other.value(EVERYBODY, SOON), fitted.value(EVERYBODY, SOON))

    def test_the_forgotten_are_strangers(self, informed: ValueModel[Any]) -> None:
        """Others stay as they were."""
        before = informed.value(EVERYBODY, SOON)
        informed.forget(np.array([3, N_SHOPPERS + 2]))
        after = informed.value(EVERYBODY, SOON)
        assert after.is_prior[3]
        assert_same(take(after, np.array([3])), informed.value(STRANGER, SOON))
        assert after.expected_spend[5] == pytest.approx(before.expected_spend[5], rel=1e-3)

    def test_who_is_folded_again_is_as_before_and_changes_nobody(
        self, informed: ValueModel[Any]
    ) -> None:
        """A user's own events are enough; what users share has them already and stays."""
        returning, others = EVERYBODY[:1], EVERYBODY[1:]
        before = informed.value(others, SOON)
        informed.forget(returning)
        stream = untimely()
        informed.refold(stream.take(stream.users == returning[0]))
        assert not informed.value(returning, SOON).is_prior.any()
        assert_same(informed.value(others, SOON), before)
