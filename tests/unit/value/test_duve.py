from dataclasses import replace

import numpy as np
import pytest

from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS, HOUR_MS, MINUTE_MS
from coadapt.domain.errors import DataError
from coadapt.domain.resources import Resources
from coadapt.testing.tiny import FIRST_DAY_MS, SHOPPING_DAYS, shoppers
from coadapt.value._duve import draws
from coadapt.value._duve.draws import Lottery
from coadapt.value._duve.learning import lay_out
from coadapt.value._duve.training import sums_at
from coadapt.value.duve import DUVE, DUVEConfig

NOW = FIRST_DAY_MS + SHOPPING_DAYS * DAY_MS
SMALL = {"n_steps": 4, "hidden_dim": 16, "message_dim": 4}


def fitted(stream: Stream, **options) -> DUVE:
    model = DUVE(DUVEConfig(**{**SMALL, **options}))
    model.fit(stream, Resources(seed=1), NOW)
    return model


@pytest.fixture(scope="module")
def stream() -> Stream:
    return shoppers()


@pytest.fixture(scope="module")
def model(stream) -> DUVE:
    model = fitted(stream)
    model.update(stream)
    return model


def disturbed(stream: Stream, seed: int = 0) -> Stream:
    """Let a fifth of the events come late and a few from clocks that are ahead."""
    rng = np.random.default_rng(seed)
    late = (rng.random(len(stream)) < 0.2) * rng.integers(0, 5 * DAY_MS, len(stream))
    ahead = (rng.random(len(stream)) < 0.02) * rng.integers(0, DAY_MS // 2, len(stream))
    return replace(stream, times=stream.times - late + ahead)


def test_streaming_equals_a_replay_whatever_the_batches(model, stream) -> None:
    events = disturbed(stream)
    twins = [DUVE(model.config), DUVE(model.config)]
    for twin, size in zip(twins, (1, 1_000), strict=True):
        twin.load_weights(model.weights())
        for batch in events.batches(size):
            twin.update(batch)
    users = np.arange(events.n_users)
    one, many = (twin.embed(users, NOW + 3 * DAY_MS) for twin in twins)
    np.testing.assert_allclose(one, many, atol=1e-5)


def test_training_reads_the_same_sums_as_streaming(model, stream) -> None:
    fit = model._fitted
    timeline = lay_out(stream, model.config, fit)
    users = np.arange(stream.n_users)
    expected = sums_at(fit.members[0], timeline, users, np.full((len(users), 1), NOW + 1))
    streamed = model._follower.state.read(users, np.full(len(users), NOW + 1)).sums[0]
    np.testing.assert_allclose(expected.detach(), streamed, rtol=1e-4, atol=1e-4)


def test_a_purchase_is_reflected_at_once(model, stream) -> None:
    model = fitted(stream)
    model.update(stream)
    before = model.value(np.array([3]), NOW).expected_spend[0]
    model.update(stream.take(np.flatnonzero(stream.types == 1)[-1:]))
    assert model.value(np.array([3]), NOW).expected_spend[0] != before


@pytest.mark.parametrize("n_members", [1, 3])
def test_drivers_add_up_to_the_forecast(stream, n_members) -> None:
    model = fitted(stream, n_members=n_members)
    model.update(stream)
    drivers = model.drivers(7, NOW)
    expected = model.value(np.array([7]), NOW).expected_spend[0]
    assert drivers.baseline + drivers.contributions.sum() == pytest.approx(expected, rel=1e-4)


def test_one_event_of_long_ago_does_no_harm(stream) -> None:
    times = np.where(np.arange(len(stream)) == 0, FIRST_DAY_MS - 10_000 * DAY_MS, stream.times)
    old = replace(stream, times=times, received=times)
    model = fitted(old, recency_half_life_days=1e6)
    assert np.isfinite(model.value(np.arange(60), NOW).expected_spend).all()


def test_a_training_ends_within_an_epoch_when_its_time_is_up(stream, monkeypatch) -> None:
    monkeypatch.setattr(draws, "USERS_A_BATCH", 5)
    steps, model = [], DUVE(DUVEConfig(**SMALL))
    resources = Resources(
        progress=lambda *step: steps.append(step), should_stop=lambda: len(steps) == 3
    )
    model.fit(stream, resources, NOW)
    assert len(steps) == 3


def test_a_training_that_goes_astray_says_so(stream) -> None:
    with pytest.raises(DataError, match="no finite number"):
        fitted(stream, learning_rate=1e30)


def test_what_users_share_is_not_counted_as_theirs(model, stream) -> None:
    wide = DUVE(model.config)
    wide.load_weights(model.weights())
    wide.update(replace(stream, items=np.arange(len(stream))))
    n_bytes = sum(array.nbytes for name, array in wide.state().items() if "memory" in name)
    assert wide.bytes_per_user == model.bytes_per_user
    assert n_bytes < 60 * wide.bytes_per_user < 1.5 * n_bytes


def test_without_decay_time_alone_changes_no_sum(stream) -> None:
    model = fitted(stream, decay="none")
    model.update(stream)
    users = np.arange(stream.n_users)
    soon, later = (
        model._follower.state.read(users, np.full(60, at)).sums[0] for at in (NOW, 2 * NOW)
    )
    assert (soon == later).all()


def test_an_hourly_refresh_does_not_see_the_last_minutes(stream) -> None:
    model = fitted(stream, refresh="hour")
    hour = NOW // HOUR_MS * HOUR_MS
    event = replace(stream.take(slice(-1, None)), times=np.array([hour + MINUTE_MS]))
    event = replace(event, received=event.times)
    model.update(event)
    assert model.value(event.users, hour + 2 * MINUTE_MS).is_prior.all()
    assert not model.value(event.users, hour + HOUR_MS).is_prior.any()


def test_members_are_averaged(stream) -> None:
    model = fitted(stream, n_members=2)
    model.update(stream)
    assert len(model._fitted.members) == 2
    assert np.isfinite(model.value(np.arange(60), NOW).quantiles).all()


def test_labels_are_what_was_spent_in_the_horizon(model, stream) -> None:
    fit = model._fitted
    timeline = lay_out(stream, model.config, fit)
    instant = FIRST_DAY_MS + 100 * DAY_MS
    users = np.arange(stream.n_users)
    futures = timeline.futures(users, np.full(60, instant), 30, 1_800_000)
    inside = (stream.times >= instant) & (stream.times < instant + 30 * DAY_MS)
    amounts = timeline.arrivals.amounts[inside]
    expected = np.bincount(stream.users[inside], amounts, minlength=60)
    assert futures.spend == pytest.approx(expected)
    assert (futures.comes_back == (futures.n_events > 0)).all()


def test_no_drawn_horizon_reaches_past_what_is_known(model, stream) -> None:
    fit = model._fitted
    timeline = lay_out(stream, model.config, fit)
    lottery = Lottery(timeline, model.config, NOW)
    draws = lottery.draw(lottery.users, np.random.default_rng(0))
    assert draws.instants.max() <= NOW - 30 * DAY_MS
    assert (draws.instants > timeline.first_counted[draws.users][:, None]).all()
