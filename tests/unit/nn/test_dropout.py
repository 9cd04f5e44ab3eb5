"""Dropout in bytes drops the share it is asked for."""

import pytest
import torch

from coadapt.nn.dropout import ByteDropout


def test_the_share_asked_for_is_dropped() -> None:
    torch.manual_seed(0)
    dropped = ByteDropout(0.25)(torch.ones(200_000)) == 0
    assert dropped.float().mean().item() == pytest.approx(0.25, abs=0.005)


def test_the_mean_stays() -> None:
    torch.manual_seed(0)
    assert ByteDropout(0.5)(torch.ones(200_001)).mean().item() == pytest.approx(1.0, abs=0.01)


def test_nothing_is_dropped_outside_training() -> None:
    tokens = torch.ones(7, 3)
    assert torch.equal(ByteDropout(0.5).eval()(tokens), tokens)
