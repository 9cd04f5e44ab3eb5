"""Examples are people at past cut-offs and what they spent afterwards."""

from dataclasses import replace

import numpy as np
import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import EmptyDataError
from coadapt.domain.resources import Resources
from coadapt.plugins import load_plugin
from coadapt.testing.tiny import FIRST_DAY_MS, SHOPPING_DAYS, shoppers
from coadapt.value._cutoffs import CutoffConfig
from coadapt.value._examples import gather_examples

CONFIG = CutoffConfig(horizon_days=20, max_cutoffs=3)
NOW = FIRST_DAY_MS + SHOPPING_DAYS * DAY_MS


def test_labels_are_the_net_spend_after_the_cutoff():
    stream = shoppers()
    examples = gather_examples(stream, CONFIG, NOW)
    newest = examples.where(examples.cutoffs == NOW - 20 * DAY_MS)
    after = stream.take(stream.times >= NOW - 20 * DAY_MS)
    signs = np.where(after.types == 2, -1.0, 1.0) * (after.types > 0)
    expected = np.bincount(after.users, signs * np.nan_to_num(after.values), stream.n_users)
    np.testing.assert_allclose(newest.spend, expected[newest.users], atol=1e-6)


def test_summaries_know_nothing_of_what_follows():
    stream = shoppers()
    examples = gather_examples(stream, CONFIG, NOW)
    newest = examples.where(examples.cutoffs == NOW - 20 * DAY_MS)
    before = stream.take(stream.times < NOW - 20 * DAY_MS)
    assert newest.summary.n_events.tolist() == np.bincount(before.users).tolist()


def test_what_happens_later_changes_no_example():
    stream = shoppers()
    instant = NOW - 50 * DAY_MS
    whole = gather_examples(stream, CONFIG, instant)
    part = gather_examples(stream.known_at(instant), CONFIG, instant)
    np.testing.assert_array_equal(whole.spend, part.spend)


@pytest.mark.parametrize("name", ["rfm", "ziln", "boosted_trees"])
def test_a_past_that_was_imported_today_is_nothing_to_learn_from(name):
    stream = shoppers()
    imported = replace(stream, received=np.full(len(stream), NOW - DAY_MS))
    plugin = load_plugin("value", name)
    with pytest.raises(EmptyDataError, match="no event lies more than 30 days back"):
        plugin(plugin.Config()).fit(imported, Resources(), NOW)
