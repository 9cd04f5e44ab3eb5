"""A causal block sees the past and nothing else."""

import torch

from coadapt.nn.attention import (
    BlockShape,
    CausalBlock,
    causal_distance_bias,
    last_places,
)

SHAPE = BlockShape(embedding_dim=8, n_heads=2, hidden_factor=2, dropout=0.0)
BIAS = causal_distance_bias(2, 5, torch.device("cpu"))


def test_a_later_place_does_not_change_an_earlier_state() -> None:
    torch.manual_seed(0)
    block, tokens = CausalBlock(SHAPE), torch.randn(1, 5, 8)
    changed = tokens.clone()
    changed[0, 3:] += 1.0
    assert torch.allclose(block(tokens, BIAS)[0, :3], block(changed, BIAS)[0, :3], atol=1e-6)


def test_an_earlier_place_changes_a_later_state() -> None:
    torch.manual_seed(0)
    block, tokens = CausalBlock(SHAPE), torch.randn(1, 5, 8)
    changed = tokens.clone()
    changed[0, 0, 0] += 1.0
    assert not torch.allclose(block(tokens, BIAS)[0, 4], block(changed, BIAS)[0, 4], atol=1e-4)


def test_the_last_place_of_each_sequence_is_picked() -> None:
    states = torch.arange(6.0).reshape(2, 3, 1)
    assert last_places(states, torch.tensor([1, 3])).flatten().tolist() == [0.0, 5.0]


def test_the_past_weighs_less_the_farther_it_is_and_the_future_nothing() -> None:
    bias = causal_distance_bias(1, 3, torch.device("cpu"))
    assert bias[0].tolist()[1] == [-0.5, 0.0, -torch.inf]


def test_the_newest_state_is_the_last_of_all_states() -> None:
    torch.manual_seed(0)
    block, tokens, lengths = (
        CausalBlock(SHAPE).eval(),
        torch.randn(3, 5, 8),
        torch.tensor([5, 1, 3]),
    )
    expected = last_places(block(tokens, BIAS), lengths)
    assert torch.allclose(block.newest(tokens, BIAS, lengths), expected, atol=1e-6)
