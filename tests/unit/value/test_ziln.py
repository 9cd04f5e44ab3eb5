"""The ZILN network learns who spends and how much."""

import numpy as np
import pytest
import torch

from coadapt.domain.durations import DAY_MS
from coadapt.domain.resources import Resources
from coadapt.testing.tiny import FIRST_DAY_MS, N_SHOPPERS, SHOPPING_DAYS, shoppers
from coadapt.value._zero_inflated import from_logits, ziln_loss
from coadapt.value._ziln_network import Sample, ZILNConfig, build_network, train
from coadapt.value.ziln import ZILN

NOW = FIRST_DAY_MS + SHOPPING_DAYS * DAY_MS
SMALL = ZILNConfig(hidden_dim=16, max_epochs=20, batch_size=64, dropout=0.0, learning_rate=0.01)


def sample(n_rows, seed=0):
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(n_rows, 2))
    spends = rng.random(n_rows) < 0.5
    return Sample.of(inputs, np.where(spends, np.exp(3 + inputs[:, 0]), 0.0))


def loss_of(network, sample):
    with torch.no_grad():
        return float(ziln_loss(from_logits(network(sample.inputs)), sample.spend))


def test_big_spenders_are_expected_to_spend_more():
    model = ZILN(SMALL)
    model.fit(shoppers(), Resources(), NOW)
    model.update(shoppers())
    expected = model.value(np.arange(N_SHOPPERS), NOW).expected_spend
    assert expected[:30].mean() > 3 * expected[30:].mean()


def test_the_network_finds_what_decides_the_amount():
    network = train(sample(2000), sample(500, seed=1), SMALL, Resources())
    low, high = network(torch.tensor([[-1.0, 0.0], [1.0, 0.0]]))[:, 1].tolist()
    assert (low, high) == (pytest.approx(2.0, abs=0.3), pytest.approx(4.0, abs=0.3))


def test_training_ends_some_epochs_after_the_best_one():
    told = []
    resources = Resources(report=lambda epoch, loss, value: told.append(value))
    train(sample(100), sample(30, seed=1), SMALL.model_copy(update={"patience": 1}), resources)
    assert int(np.argmax(told)) >= len(told) - 2


@pytest.mark.parametrize("n_told", [10, 20])
def test_when_time_is_up_the_best_network_till_then_is_kept(n_told):
    asked = []
    resources = Resources(should_stop=lambda: asked.append(1) or len(asked) >= n_told)
    patient = SMALL.model_copy(update={"patience": 20})
    older, newest = sample(2000), sample(500, seed=1)
    untrained = train(older, newest, SMALL.model_copy(update={"max_epochs": 1}), Resources())
    stopped = train(older, newest, patient, resources)
    assert loss_of(stopped, newest) < loss_of(untrained, newest) - 0.5


def test_without_older_cutoffs_the_newest_alone_teaches():
    nothing = Sample.of(np.empty((0, 2)), np.empty(0))
    network = train(nothing, sample(200), SMALL, Resources())
    assert torch.isfinite(network(torch.zeros(1, 2))).all()


def test_a_network_has_as_many_layers_as_asked():
    network = build_network(5, ZILNConfig(n_layers=3, hidden_dim=7))
    assert len([layer for layer in network if hasattr(layer, "weight")]) == 4
