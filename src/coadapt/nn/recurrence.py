"""Fold a sequence into a state step by step: a gated recurrent unit over parallel lanes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class GatedRecurrence(nn.Module):
    """Fold inputs into a hidden state that is reset where a new user begins.

    r, z = sigmoid(x W + h U); n = tanh(x W_n + r (h U_n + b)); h' = n + z (h - n): Cho et al.,
    "Learning Phrase Representations using RNN Encoder-Decoder" (2014). The same as
    `torch.nn.GRU` but for the resets and the number format of the products.
    """

    def __init__(self, input_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.hidden_dim = hidden_dim
        self.to_gates = nn.Linear(input_dim, 3 * hidden_dim)
        self.recurrent = nn.Parameter(torch.empty(3 * hidden_dim, hidden_dim))
        self.candidate_bias = nn.Parameter(torch.zeros(hidden_dim))
        for gate in self.recurrent.data.chunk(3):
            nn.init.orthogonal_(gate)
        for gate in self.to_gates.weight.data.chunk(3):
            nn.init.xavier_uniform_(gate)
        nn.init.zeros_(self.to_gates.bias)

    def forward(self, inputs: Tensor, state: Tensor, keep: Tensor, dtype: torch.dtype) -> Tensor:
        """Return the states (time, lane, hidden) after each step.

        `inputs` (time, lane, input), `state` (lane, hidden) is carried in, `keep` (time, lane) is 0
        where a user begins and 1 elsewhere; products run in `dtype`, the state in float32.
        """
        gates = narrow_linear(inputs, self.to_gates, dtype)
        states: Tensor = _Scan.apply(
            gates, state, keep[..., None], self.recurrent, self.candidate_bias, dtype
        )
        return states

    @torch.no_grad()
    def fold(self, inputs: Tensor) -> Tensor:
        """Return the states from an empty one on, in float32, by PyTorch's own faster unit.

        For answers: no gradient, no resets. `inputs` (time, lane, input).
        """
        state = inputs.new_zeros(1, inputs.shape[1], self.hidden_dim)
        no_bias = inputs.new_zeros(2 * self.hidden_dim)
        weights = [
            self.to_gates.weight,
            self.recurrent,
            self.to_gates.bias,
            torch.cat([no_bias, self.candidate_bias]),
        ]
        states: Tensor = torch.gru(
            inputs,
            state,
            weights,
            has_biases=True,
            num_layers=1,
            dropout=0.0,
            train=False,
            bidirectional=False,
            batch_first=False,
        )[0]
        return states


def narrow_linear(inputs: Tensor, layer: nn.Linear, dtype: torch.dtype) -> Tensor:
    """Apply a linear layer with its product in `dtype` and its result in float32."""
    return functional.linear(inputs.to(dtype), layer.weight.to(dtype)).float() + layer.bias


class _Scan(torch.autograd.Function):
    """Walk the steps forward, and back for the gradient, with as few small operations as it can.

    What does not depend on the running gradient is made for all steps at once, and the recurrent
    weights' gradient is one product at the end.
    """

    @staticmethod
    def forward(  # noqa: PLR0913, PLR0917  an autograd function takes every tensor by itself
        ctx: Any,
        gates: Tensor,
        state: Tensor,
        keep: Tensor,
        recurrent: Tensor,
        candidate_bias: Tensor,
        dtype: torch.dtype,
    ) -> Tensor:
        """Return the states of all steps, shape (time, lane, hidden)."""
        n_steps, n_lanes, _ = gates.shape
        hidden = state.shape[-1]
        narrow = recurrent.to(dtype)
        kept = torch.empty((n_steps, n_lanes, hidden), dtype=dtype, device=gates.device)
        openness = gates.new_empty((n_steps, n_lanes, 2 * hidden))
        candidate, inner, distance, states = (
            gates.new_empty((n_steps, n_lanes, hidden)) for _ in range(4)
        )
        for step in range(n_steps):
            state = state * keep[step]
            kept[step] = state
            product = torch.mm(kept[step], narrow.T)
            torch.add(gates[step, :, : 2 * hidden], product[:, : 2 * hidden], out=openness[step])
            reset, update = openness[step].sigmoid_().chunk(2, -1)
            torch.add(candidate_bias, product[:, 2 * hidden :], out=inner[step])
            torch.addcmul(
                gates[step, :, 2 * hidden :], reset, inner[step], out=candidate[step]
            ).tanh_()
            torch.sub(state, candidate[step], out=distance[step])
            state = torch.addcmul(candidate[step], update, distance[step], out=states[step])
        ctx.save_for_backward(kept, openness, candidate, inner, distance, keep, narrow)
        return states

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of gates, recurrent weights and candidate bias."""
        kept, openness, candidate, inner, distance, keep, narrow = ctx.saved_tensors
        reset, update = openness.chunk(2, -1)
        to_candidate = (1 - update) * (1 - candidate * candidate)
        slopes = torch.cat(
            [
                to_candidate * inner * reset * (1 - reset),
                distance * update * (1 - update),
                to_candidate,
            ],
            -1,
        )
        inner_slopes = to_candidate * reset
        hidden = candidate.shape[-1]
        gates_grad = torch.empty_like(slopes)
        products_grad = torch.empty(slopes.shape, dtype=narrow.dtype, device=slopes.device)
        running = torch.zeros_like(candidate[0])
        for step in reversed(range(len(candidate))):
            running = running + outer[0][step]
            torch.mul(running.repeat(1, 3), slopes[step], out=gates_grad[step])
            products_grad[step, :, : 2 * hidden] = gates_grad[step, :, : 2 * hidden]
            products_grad[step, :, 2 * hidden :] = running * inner_slopes[step]
            through = torch.mm(products_grad[step], narrow).float()
            running = torch.addcmul(through, running, update[step]) * keep[step]
        flat = products_grad.flatten(0, 1)
        recurrent_grad = (flat.T @ kept.flatten(0, 1)).float()
        bias_grad = flat[:, 2 * hidden :].sum(0, dtype=torch.float32)
        return gates_grad, None, None, recurrent_grad, bias_grad, None
