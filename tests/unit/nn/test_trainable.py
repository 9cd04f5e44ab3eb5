"""What a network hands to a strategy: a config whose limits hold, and the four calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from coadapt.domain.resources import Resources
from coadapt.nn.trainable import OptimizerConfig
from coadapt.plugins import load_plugin, plugin_modules
from coadapt.testing.tiny import two_tastes
from coadapt.training.strategies.plain import PlainStrategy

NETWORKS = ("gru4rec", "sasrec")


class _Batch(NamedTuple):
    """Hold one number to aim at."""

    goal: Tensor


class _Average:
    """Learn the mean of what it is shown: the smallest thing that a strategy can train."""

    def __init__(self, config: OptimizerConfig) -> None:
        self.config = config
        self.network = nn.Linear(1, 1, bias=False)

    def prepare(self, dataset: object, seed: int) -> None:
        torch.manual_seed(seed)
        nn.init.zeros_(self.network.weight)

    def batches(self, dataset: object, rng: object) -> Iterator[tuple[float, _Batch]]:
        yield 0.5, _Batch(torch.tensor([2.0]))
        yield 1.0, _Batch(torch.tensor([4.0]))

    def loss(self, batch: _Batch) -> Tensor:
        return (self.network(torch.ones(1, 1)) - batch.goal).square().mean()


def test_whatever_has_the_four_calls_can_be_trained() -> None:
    config = OptimizerConfig(max_epochs=80, learning_rate=0.1, warmup_steps=0, weight_decay=0)
    method = _Average(config)
    PlainStrategy().fit(method, two_tastes(), Resources())
    assert float(method.network.weight.detach()) == pytest.approx(3.0, abs=0.2)


def test_defaults_are_within_their_own_limits() -> None:
    config = OptimizerConfig()
    assert OptimizerConfig.model_validate(config.model_dump()) == config


@pytest.mark.parametrize(
    "option",
    [
        {"learning_rate": 0},
        {"final_learning_rate_share": 1.1},
        {"warmup_steps": -1},
        {"weight_decay": -0.1},
        {"second_moment_decay": 1.0},
        {"clip_norm": 0},
        {"max_epochs": 0},
        {"patience": 0},
        {"learning_rate": float("nan")},
    ],
)
def test_a_value_beyond_its_limits_is_refused(option) -> None:
    with pytest.raises(ValidationError, match=next(iter(option))):
        OptimizerConfig(**option)


def test_a_misspelt_option_is_refused() -> None:
    with pytest.raises(ValidationError, match="learning_rat"):
        OptimizerConfig(learning_rat=0.1)


def test_a_config_does_not_change_while_it_trains() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        OptimizerConfig().max_epochs = 3


@pytest.mark.parametrize("name", NETWORKS)
def test_every_networks_config_has_the_optimizers_fields(name) -> None:
    config = load_plugin("recommenders", name).Config
    assert set(OptimizerConfig.model_fields) <= set(config.model_fields)


def test_networks_are_those_recommenders_that_make_batches() -> None:
    names = plugin_modules("recommenders")
    found = [name for name in names if hasattr(load_plugin("recommenders", name), "batches")]
    assert tuple(found) == NETWORKS


@pytest.mark.parametrize("name", NETWORKS)
def test_a_batchs_loss_is_a_number_with_a_gradient(name) -> None:
    plugin = load_plugin("recommenders", name)
    method = plugin(plugin.Config(embedding_dim=8, max_length=4))
    method.prepare(two_tastes(), seed=0)
    (_, batch), *_ = method.batches(two_tastes(), np.random.default_rng(0))
    loss = method.loss(batch)
    assert (loss.shape, loss.requires_grad) == ((), True)
    assert all(isinstance(part, Tensor) for part in batch)
