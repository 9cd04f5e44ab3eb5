"""Check that a value model keeps the contract of `coadapt.value.base`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pytest

from coadapt.data.batches import IntArray
from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import ConfigError, NotFittedError
from coadapt.domain.resources import Resources
from coadapt.testing.tiny import FIRST_DAY_MS, N_SHOPPERS, SHOPPING_DAYS, shoppers
from coadapt.value.base import EMBEDDING_DIM, ValueModel
from coadapt.value.forecasts import N_LEVELS, Forecast

Make = Callable[[], ValueModel[Any]]
Ask = Callable[[ValueModel[Any]], object]

EVERYBODY: Final[IntArray] = np.arange(N_SHOPPERS)
STRANGER: Final[IntArray] = np.array([N_SHOPPERS + 5])
NOW: Final = FIRST_DAY_MS + SHOPPING_DAYS * DAY_MS
SOON: Final = NOW + 10 * DAY_MS
UNFITTED: Final[list[Ask]] = [
    lambda model: model.value(EVERYBODY, NOW),
    lambda model: model.embed(EVERYBODY, NOW),
    lambda model: model.update(shoppers()),
    lambda model: model.weights(),
]


class ValueModelFixtures:
    """Make models for the contracts; override `make` with a function that constructs yours."""

    @pytest.fixture
    def make(self) -> Make:
        """Return a function that constructs an unfitted model, each time an equal one."""
        raise NotImplementedError("override the fixture `make` with one of your value model")

    @pytest.fixture
    def fitted(self, make: Make) -> ValueModel[Any]:
        """Return a model that learned from the tiny data and has an empty state."""
        return fit_tiny(make())

    @pytest.fixture
    def informed(self, fitted: ValueModel[Any]) -> ValueModel[Any]:
        """Return a fitted model that has met the events of the tiny data."""
        fitted.update(untimely())
        return fitted


class ForecastContract(ValueModelFixtures):
    """Subclass this and override the fixture `make`: what is learned and foreseen."""

    def test_a_forecast_is_a_distribution_for_each_user(self, informed: ValueModel[Any]) -> None:
        """Quantiles do not fall, and everything is finite."""
        forecast = informed.value(EVERYBODY, SOON)
        assert forecast.quantiles.shape == (N_SHOPPERS, N_LEVELS)
        assert forecast.expected_spend.shape == forecast.is_prior.shape == (N_SHOPPERS,)
        assert_sane(forecast)

    def test_an_embedding_is_float32_and_finite(self, informed: ValueModel[Any]) -> None:
        """Every model's has the same size."""
        embedding = informed.embed(np.append(EVERYBODY, STRANGER), SOON)
        assert embedding.shape == (N_SHOPPERS + 1, EMBEDDING_DIM)
        assert embedding.dtype == np.float32
        assert np.isfinite(embedding).all()

    def test_other_heads_are_of_each_user(self, informed: ValueModel[Any]) -> None:
        """Those that a model has are finite and not negative."""
        forecast = informed.value(EVERYBODY, SOON)
        heads = (forecast.p_return, forecast.p_purchase_session)
        more = (forecast.n_events, forecast.n_referrals)
        for head in (head for head in (*heads, *more) if head is not None):
            assert head.shape == (N_SHOPPERS,)
            assert (head >= 0).all()
            assert np.isfinite(head).all()

    def test_no_users_get_no_forecasts(self, informed: ValueModel[Any]) -> None:
        """Nothing asked, nothing answered."""
        nobody = EVERYBODY[:0]
        assert informed.value(nobody, SOON).quantiles.shape == (0, N_LEVELS)
        assert informed.embed(nobody, SOON).shape == (0, EMBEDDING_DIM)

    def test_company_does_not_matter(self, informed: ValueModel[Any]) -> None:
        """A user is forecast alike alone, among others and twice."""
        together = informed.value(EVERYBODY, SOON)
        some = np.array([40, 3, 40])
        assert_same(informed.value(some, SOON), take(together, some))

    def test_loaded_weights_forecast_as_before(self, make: Make, fitted: ValueModel[Any]) -> None:
        """Weights are all there is to know of a fitted model."""
        other = like(make, fitted)
        for model in (fitted, other):
            model.update(untimely())
        assert_same(other.value(EVERYBODY, SOON), fitted.value(EVERYBODY, SOON))

    def test_weights_and_state_are_plain_arrays(self, informed: ValueModel[Any]) -> None:
        """Both can be stored without pickle."""
        arrays = [*informed.weights().values(), *informed.state().values()]
        assert {np.asarray(array).dtype.kind for array in arrays} <= set("biuf")

    def test_the_same_seed_gives_the_same_weights(
        self, make: Make, fitted: ValueModel[Any]
    ) -> None:
        """A training can be repeated."""
        np.testing.assert_equal(dict(fit_tiny(make()).weights()), dict(fitted.weights()))

    def test_strangers_get_the_prior_and_it_says_so(self, informed: ValueModel[Any]) -> None:
        """Everybody unknown is forecast alike."""
        strangers = informed.value(np.array([N_SHOPPERS + 5, N_SHOPPERS + 900]), SOON)
        assert strangers.is_prior.all()
        assert not informed.value(EVERYBODY, SOON).is_prior.all()
        assert_sane(strangers)
        assert_same(take(strangers, np.array([0])), take(strangers, np.array([1])))

    def test_fitting_sees_nothing_that_came_later(self, make: Make) -> None:
        """The log as it was then teaches the same."""
        instant = NOW - 30 * DAY_MS
        whole, part = make(), make()
        whole.fit(untimely(), Resources(seed=7), instant)
        part.fit(untimely().known_at(instant), Resources(seed=7), instant)
        np.testing.assert_equal(dict(whole.weights()), dict(part.weights()))

    def test_absurd_events_have_sane_forecasts(self, fitted: ValueModel[Any]) -> None:
        """Negative and huge amounts, refunds without a purchase, events years apart."""
        fitted.update(absurd())
        assert_sane(fitted.value(EVERYBODY, NOW + 3000 * DAY_MS))
        assert np.isfinite(fitted.embed(EVERYBODY, NOW + 3000 * DAY_MS)).all()

    def test_absurd_events_can_be_learnt_from(self, make: Make) -> None:
        """A training survives them too."""
        model = make()
        model.fit(absurd(), Resources(seed=7), NOW)
        model.update(absurd())
        assert_sane(model.value(EVERYBODY, NOW + 3000 * DAY_MS))

    def test_another_horizon_is_forecast_or_refused(self, informed: ValueModel[Any]) -> None:
        """There is no third way."""
        days = informed.config.horizon_days + 7
        with suppress(ConfigError):
            assert_sane(informed.value(EVERYBODY, SOON, days))

    @pytest.mark.parametrize("ask", UNFITTED)
    def test_an_unfitted_model_says_so(self, make: Make, ask: Ask) -> None:
        """Neither fitted nor loaded is an error of its own."""
        with pytest.raises(NotFittedError):
            ask(make())


def fit_tiny(model: ValueModel[Any]) -> ValueModel[Any]:
    """Fit on the tiny data."""
    model.fit(shoppers(), Resources(seed=7), NOW)
    return model


def like(make: Make, model: ValueModel[Any]) -> ValueModel[Any]:
    """Return another model with the same weights and an empty state."""
    other = make()
    other.load_weights({name: np.array(array) for name, array in model.weights().items()})
    return other


def untimely() -> Stream:
    """Return the tiny data with some events days late and some days ahead, in log order."""
    stream = shoppers()
    delays = np.random.default_rng(5).choice([0, 0, 0, 3, -3], len(stream)) * DAY_MS
    received = stream.times + delays
    order = np.argsort(received, kind="stable")
    return replace(stream, received=received).take(order)


def absurd() -> Stream:
    """Return the tiny data with amounts and times that no shop would have."""
    stream = shoppers()
    rng = np.random.default_rng(5)
    values = stream.values * rng.choice([1.0, -1.0, 0.0, 1e300, np.inf], len(stream))
    types = np.where(stream.users == 7, 2, stream.types)
    times = np.where(stream.users == 9, stream.times - 20 * 365 * DAY_MS, stream.times)
    return replace(stream, values=values, types=types, times=times)


def take(forecast: Forecast, rows: IntArray) -> Forecast:
    """Return these rows of a forecast of spend."""
    return Forecast(
        forecast.quantiles[rows], forecast.expected_spend[rows], forecast.is_prior[rows]
    )


def assert_sane(forecast: Forecast) -> None:
    """See that every number is finite and no row of quantiles falls."""
    assert np.isfinite(forecast.quantiles).all()
    assert np.isfinite(forecast.expected_spend).all()
    assert (np.diff(forecast.quantiles, axis=1) >= 0).all()


def assert_same(left: Forecast, right: Forecast) -> None:
    """See that two forecasts of spend agree."""
    np.testing.assert_array_equal(left.is_prior, right.is_prior)
    for name in ("expected_spend", "quantiles"):
        expected = getattr(right, name)
        np.testing.assert_allclose(getattr(left, name), expected, rtol=1e-4, atol=1e-4)
