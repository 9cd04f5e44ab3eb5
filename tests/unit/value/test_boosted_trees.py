"""Boosted trees learn who spends and how much."""

import numpy as np
import pytest

from coadapt.domain.durations import DAY_MS

pytest.importorskip("sklearn")

from coadapt.domain.errors import EmptyDataError
from coadapt.domain.resources import Resources
from coadapt.testing.tiny import FIRST_DAY_MS, N_SHOPPERS, SHOPPING_DAYS, shoppers
from coadapt.value.boosted_trees import BoostedTrees, BoostedTreesConfig

NOW = FIRST_DAY_MS + SHOPPING_DAYS * DAY_MS
SMALL = BoostedTreesConfig(max_iter=20, min_samples_leaf=10)


def test_big_spenders_are_expected_to_spend_more():
    model = BoostedTrees(SMALL)
    model.fit(shoppers(), Resources(), NOW)
    model.update(shoppers())
    expected = model.value(np.arange(N_SHOPPERS), NOW).expected_spend
    assert expected[:30].mean() > 3 * expected[30:].mean()


def test_without_any_purchase_there_is_nothing_to_learn():
    views = shoppers().take(shoppers().types == 0)
    with pytest.raises(EmptyDataError, match="nobody"):
        BoostedTrees(SMALL).fit(views, Resources(), NOW)
