"""The recurrence is PyTorch's GRU, plus resets."""

import pytest
import torch
from torch import Tensor, nn

from coadapt.nn.recurrence import GatedRecurrence

TIME, LANES, DIM, HIDDEN = 7, 3, 4, 5


def twin(ours: GatedRecurrence) -> nn.GRU:
    """Return PyTorch's GRU with the same weights."""
    theirs = nn.GRU(DIM, HIDDEN)
    bias = torch.cat([torch.zeros(2 * HIDDEN), ours.candidate_bias.detach()])
    theirs.load_state_dict(
        {
            "weight_ih_l0": ours.to_gates.weight,
            "weight_hh_l0": ours.recurrent,
            "bias_ih_l0": ours.to_gates.bias,
            "bias_hh_l0": bias,
        }
    )
    return theirs


@pytest.fixture
def recurrence() -> GatedRecurrence:
    torch.manual_seed(0)
    return GatedRecurrence(DIM, HIDDEN)


def walk(recurrence: GatedRecurrence, inputs: Tensor, keep: Tensor | None = None) -> Tensor:
    kept = torch.ones(inputs.shape[:2]) if keep is None else keep
    return recurrence(inputs, torch.zeros(inputs.shape[1], HIDDEN), kept, torch.float32)


def test_the_states_are_pytorchs(recurrence: GatedRecurrence) -> None:
    inputs = torch.randn(TIME, LANES, DIM)
    expected, _ = twin(recurrence)(inputs)
    assert torch.allclose(walk(recurrence, inputs), expected, atol=1e-6)


def test_the_gradients_are_pytorchs(recurrence: GatedRecurrence) -> None:
    inputs, weights = torch.randn(TIME, LANES, DIM), torch.randn(TIME, LANES, HIDDEN)
    theirs = twin(recurrence)
    (walk(recurrence, inputs) * weights).sum().backward()
    (theirs(inputs)[0] * weights).sum().backward()
    pairs = [
        (recurrence.recurrent, theirs.weight_hh_l0),
        (recurrence.to_gates.weight, theirs.weight_ih_l0),
    ]
    assert all(torch.allclose(ours.grad, other.grad, atol=1e-5) for ours, other in pairs)
    assert torch.allclose(
        recurrence.candidate_bias.grad, theirs.bias_hh_l0.grad[2 * HIDDEN :], atol=1e-5
    )


def test_folding_for_an_answer_gives_the_same_states(recurrence: GatedRecurrence) -> None:
    inputs = torch.randn(TIME, LANES, DIM)
    assert torch.allclose(recurrence.fold(inputs), walk(recurrence, inputs), atol=1e-6)


def test_a_reset_forgets_what_was_before(recurrence: GatedRecurrence) -> None:
    inputs, keep = torch.randn(TIME, LANES, DIM), torch.ones(TIME, LANES)
    keep[4] = 0
    assert torch.allclose(
        walk(recurrence, inputs, keep)[4:], walk(recurrence, inputs[4:]), atol=1e-6
    )
