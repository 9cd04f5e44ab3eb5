"""Features describe users by finite numbers of like size."""

import numpy as np

from coadapt.domain.durations import DAY_MS
from coadapt.testing.tiny import FIRST_DAY_MS, N_SHOPPERS, SHOPPING_DAYS, shoppers
from coadapt.value._features import NO_AGE_DAYS, feature_names, features
from coadapt.value._ledger import Ledger
from coadapt.value._summary import Summary
from coadapt.value.base import ValueConfig

NOW = FIRST_DAY_MS + SHOPPING_DAYS * DAY_MS


def described(days_later=0):
    ledger = Ledger(ValueConfig().spend_types)
    ledger.update(shoppers())
    now = np.full(N_SHOPPERS, NOW + days_later * DAY_MS)
    return features(ledger.at(np.arange(N_SHOPPERS), now), now)


def column(name, days_later=0):
    return described(days_later)[:, feature_names().index(name)]


def test_every_feature_has_a_name():
    assert described().shape == (N_SHOPPERS, len(feature_names()))


def test_features_are_of_like_size():
    assert np.abs(described()).max() < 20


def test_who_never_came_has_no_age():
    nobody = features(Summary.empty(1), np.array([NOW]))
    assert np.isfinite(nobody).all()
    assert nobody[0, feature_names().index("since_purchase")] == np.log1p(NO_AGE_DAYS)


def test_time_makes_old_and_halves():
    assert (column("since_event", 30) > column("since_event")).all()
    now, later = (np.expm1(column("events_30d", days)) for days in (0, 30))
    np.testing.assert_allclose(later, now / 2)
