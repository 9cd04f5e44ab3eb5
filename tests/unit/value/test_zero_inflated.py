"""The ZILN loss is a cross-entropy and the density of a log-normal."""

import math

import pytest
import torch

from coadapt.value._zero_inflated import from_logits, ziln_loss

LOGITS = torch.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], dtype=torch.float64)


def test_the_loss_is_that_of_the_closed_form():
    deviation = math.log1p(math.exp(0.6))
    z = (math.log(1.5) - 0.5) / deviation
    density = math.exp(-z * z / 2) / (1.5 * deviation * math.sqrt(2 * math.pi))
    expected = (math.log1p(math.exp(0.1)) + math.log1p(math.exp(-0.4)) - math.log(density)) / 2
    loss = ziln_loss(from_logits(LOGITS), torch.tensor([0.0, 1.5], dtype=torch.float64))
    assert float(loss) == pytest.approx(expected, abs=1e-6)


def test_a_net_refund_counts_as_nothing():
    some, nothing = (torch.tensor([first, 1.5]) for first in (-7.0, 0.0))
    head = from_logits(LOGITS.float())
    assert float(ziln_loss(head, some)) == float(ziln_loss(head, nothing))


def test_nothing_spent_leaves_the_amounts_alone():
    logits = LOGITS.clone().requires_grad_()
    ziln_loss(from_logits(logits), torch.zeros(2, dtype=torch.float64)).backward()
    assert logits.grad[:, 1:].abs().max() == 0
