"""The fused loss is the textbook's cross-entropy."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from coadapt.nn.softmax import full_softmax_loss, sampled_softmax_loss

SCALE = 10.0


@pytest.fixture
def case() -> tuple[Tensor, Tensor, Tensor]:
    random = torch.Generator().manual_seed(0)
    queries = functional.normalize(torch.randn(700, 16, generator=random), dim=-1) * SCALE
    items = functional.normalize(torch.randn(300, 16, generator=random), dim=-1)
    targets = torch.randint(300, (700,), generator=random)
    return queries.requires_grad_(), items.requires_grad_(), targets


def textbook(queries: Tensor, items: Tensor, targets: Tensor) -> Tensor:
    return functional.cross_entropy(queries @ items.T, targets)


def test_the_loss_is_the_cross_entropy(case: tuple[Tensor, Tensor, Tensor]) -> None:
    loss = full_softmax_loss(*case, torch.float32)
    assert loss.item() == pytest.approx(textbook(*case).item(), abs=1e-4)


@pytest.mark.parametrize("factor", [0, 1])
def test_the_gradient_is_the_cross_entropys(
    case: tuple[Tensor, Tensor, Tensor], factor: int
) -> None:
    (ours,) = torch.autograd.grad(full_softmax_loss(*case, torch.float32) * 3, case[factor])
    (theirs,) = torch.autograd.grad(textbook(*case) * 3, case[factor])
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_bfloat16_changes_the_loss_by_less_than_a_hundredth(
    case: tuple[Tensor, Tensor, Tensor],
) -> None:
    loss = full_softmax_loss(*case, torch.bfloat16)
    assert loss.item() == pytest.approx(textbook(*case).item(), abs=0.01)


def test_sampling_every_item_is_the_full_softmax(case: tuple[Tensor, Tensor, Tensor]) -> None:
    loss = sampled_softmax_loss(*case, 300, torch.float32)
    assert loss.item() == pytest.approx(textbook(*case).item(), abs=1e-4)


def test_sampling_a_part_comes_close_to_the_full_softmax() -> None:
    torch.manual_seed(0)
    items = functional.normalize(torch.randn(5000, 16), dim=-1)
    queries, targets = items[:50] * SCALE, torch.arange(50)
    losses = [sampled_softmax_loss(queries, items, targets, 1000, torch.float32) for _ in range(50)]
    expected = textbook(queries, items, targets)
    assert torch.stack(losses).mean().item() == pytest.approx(expected.item(), rel=0.02)
