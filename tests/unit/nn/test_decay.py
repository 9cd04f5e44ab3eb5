import math

import pytest
import torch

from coadapt.nn.decay import DecayRates, faded_sums

HALF_LIVES = (1.0, 10.0)


def test_rates_start_from_half_lives() -> None:
    rates = DecayRates(3, HALF_LIVES, "learned")()
    assert rates.shape == (3, 2)
    assert torch.exp(-rates * torch.tensor(HALF_LIVES)).mean().item() == pytest.approx(0.5)


def test_shared_rates_are_one_set() -> None:
    rates = DecayRates(3, HALF_LIVES, "shared")
    assert rates.log_rates.shape == (1, 2)
    assert (rates()[0] == rates()[2]).all()


def test_without_decay_nothing_fades_and_nothing_is_learned() -> None:
    rates = DecayRates(3, HALF_LIVES, "none")
    assert not rates().any()
    assert not rates.log_rates.requires_grad


def test_each_type_learns_its_own_rate() -> None:
    rates = DecayRates(2, HALF_LIVES, "learned")
    rates()[1].sum().backward()
    assert rates.log_rates.grad[0].abs().sum() == 0
    assert rates.log_rates.grad[1].abs().sum() > 0


def test_messages_are_added_up_by_place_and_age() -> None:
    sums = faded_sums(
        torch.tensor([[1.0], [2.0], [4.0]]),
        torch.tensor([0.0, 1.0, 0.0]),
        torch.full((3, 1), math.log(2.0)),
        torch.tensor([0, 0, 1]),
        3,
    )
    assert sums[:, 0, 0].tolist() == pytest.approx([2.0, 4.0, 0.0])
