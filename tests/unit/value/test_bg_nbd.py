"""BG/NBD counts purchases and Gamma-Gamma prices them, as published for CDNOW."""

import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from coadapt.data.sources.base import make_source
from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import ConfigError
from coadapt.domain.resources import Resources
from coadapt.testing.tiny import FIRST_DAY_MS, N_SHOPPERS, SHOPPING_DAYS, shoppers
from coadapt.value._bg_nbd import (
    Purchases,
    Rates,
    count_distribution,
    fit_rates,
    log_likelihood,
    p_alive,
)
from coadapt.value._gamma_gamma import Prices
from coadapt.value.bg_nbd import BGNBD, BGNBDConfig

PUBLISHED = Rates(r=0.2426, alpha=4.4135, a=0.7929, b=2.4258)
PRICES = Prices(p=6.25, q=3.74, v=15.44)
NOW = FIRST_DAY_MS + SHOPPING_DAYS * DAY_MS
DATA = Path(os.environ.get("COADAPT_DATA", "nowhere")) / "cdnow" / "CDNOW_sample.txt.gz"


def one(repeats, age_at_last, age):
    return Purchases(np.array([float(repeats)]), np.array([age_at_last]), np.array([age]))


def mean_count(purchases, duration):
    chances = count_distribution(PUBLISHED, purchases, duration)
    return float((chances @ np.arange(chances.shape[1]))[0])


def test_the_published_customer_is_expected_to_buy_as_published():
    assert mean_count(one(2, 30.43, 38.86), 39) == pytest.approx(1.226, abs=5e-4)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [(0.1429, 0.0078), (1, 0.0532), (3, 0.1506), (31.8571, 1.0405), (32, 1.0437), (78, 1.8576)],
)
def test_a_new_customer_is_expected_to_buy_as_published(duration, expected):
    assert mean_count(one(0, 0.0, 0.0), duration) == pytest.approx(
        expected, rel=5e-3 if expected < 0.1 else 5e-4
    )


def test_chances_add_up_to_one():
    chances = count_distribution(PUBLISHED, one(9, 30.0, 31.0), 200.0)
    assert chances.min() >= 0
    assert chances.sum() == pytest.approx(1)


def test_more_purchases_than_are_told_apart_are_not_taken_for_none():
    keen = one(200, 200.0, 201.0)
    short, long = (count_distribution(PUBLISHED, keen, days) for days in (100.0, 10_000.0))
    assert long[0, 0] == pytest.approx(short[0, 0])
    assert long.sum() == pytest.approx(1)
    assert mean_count(keen, 10_000.0) > mean_count(keen, 500.0)


def test_who_never_came_back_may_still_be_there():
    assert p_alive(PUBLISHED, one(0, 0.0, 38.0)).tolist() == [1.0]


def test_long_silence_makes_leaving_likely():
    silent, fresh = (p_alive(PUBLISHED, one(5, last, 38.0))[0] for last in (10.0, 37.0))
    assert silent < 0.2
    assert fresh > 0.8


def test_fitting_finds_the_rates_that_made_the_data():
    rng = np.random.default_rng(0)
    rates = rng.gamma(2.0, 1 / 10.0, 20_000)
    leaves = rng.beta(1.0, 5.0, 20_000)
    fitted = fit_rates(simulated(rates, leaves, 50.0, rng))
    assert fitted.r / fitted.alpha == pytest.approx(0.2, rel=0.05)
    assert fitted.a / (fitted.a + fitted.b) == pytest.approx(1 / 6, rel=0.1)


def simulated(rates, leaves, age, rng):
    gaps = rng.exponential(1 / rates[:, np.newaxis], (len(rates), 80))
    times = np.cumsum(gaps, axis=1)
    n_stays = rng.geometric(leaves)
    bought = (times <= age) & (np.arange(80) < n_stays[:, np.newaxis])
    last = np.where(bought, times, 0).max(axis=1)
    return Purchases(bought.sum(axis=1).astype(float), last, np.full(len(rates), age))


def test_fitted_rates_are_the_most_likely():
    purchases = Purchases(np.array([0.0, 3, 1]), np.array([0.0, 20, 5]), np.array([30.0, 30, 30]))
    rates = fit_rates(purchases)
    nearby = [rates._replace(**{name: getattr(rates, name) * 1.02}) for name in ("r", "alpha")]
    best = log_likelihood(rates, purchases)
    assert all(log_likelihood(other, purchases) <= best + 1e-9 for other in nearby)


@pytest.fixture(scope="module")
def fitted():
    model = BGNBD(BGNBDConfig())
    model.fit(shoppers(), Resources(), NOW)
    model.update(shoppers())
    return model


def test_big_spenders_are_expected_to_spend_more(fitted):
    expected = fitted.value(np.arange(N_SHOPPERS), NOW).expected_spend
    assert expected[:30].min() > expected[30:].max()


def test_any_horizon_can_be_asked_for(fitted):
    month, year = (fitted.value(np.array([0]), NOW, days).expected_spend for days in (30, 365))
    assert 5 * month < year < 12.3 * month


def test_a_visitor_who_never_bought_is_not_unknown():
    model, stream = BGNBD(BGNBDConfig()), shoppers()
    model.fit(stream, Resources(), NOW)
    model.update(stream.take((stream.users != 3) | (stream.types == 0)))
    assert model.value(np.array([3, N_SHOPPERS]), NOW).is_prior.tolist() == [False, True]


def test_no_time_is_no_horizon(fitted):
    with pytest.raises(ConfigError, match="at least one day"):
        fitted.value(np.array([0]), NOW, 0)


@pytest.mark.skipif(not DATA.exists(), reason="COADAPT_DATA does not name a folder with CDNOW")
def test_cdnow_gives_the_published_parameters():
    model = BGNBD(BGNBDConfig())
    end = int(datetime(1997, 9, 30, tzinfo=UTC).timestamp() * 1000)
    stream = Stream.from_frame(make_source("cdnow").read(DATA).events)
    model.fit(stream, Resources(), end)
    assert np.array(model.rates) == pytest.approx(np.array(PUBLISHED), abs=2e-4)
    assert np.array(model.prices) == pytest.approx(np.array(PRICES), abs=0.01)
