import numpy as np
import pytest
import torch

from coadapt.value._duve import asking
from coadapt.value._duve.asking import FEW, Asker
from coadapt.value._duve.config import DUVEConfig
from coadapt.value._duve.context import N_CONTEXT
from coadapt.value._duve.inputs import N_INPUTS, N_KINDS, Inputs
from coadapt.value._duve.network import Network

N_TYPES = 3
N_MEMBERS = 3
VARIANTS = [
    {},
    {"graph": False},
    {"n_heads": 1, "hidden_dim": 16, "message_dim": 5},
    {"n_heads": 4, "decay": "none"},
]


@pytest.fixture(params=VARIANTS, ids=str)
def networks(request) -> list[Network]:
    torch.manual_seed(0)
    networks = [Network(DUVEConfig(**request.param), N_TYPES).eval() for _ in range(N_MEMBERS)]
    for network in networks:
        for buffer in network.buffers():
            buffer.copy_(torch.rand_like(buffer) + 0.5)
    return networks


def sums_shape(network: Network, n_rows: int) -> tuple[int, ...]:
    shape = network.encoder.shape
    return (n_rows, N_TYPES, len(shape.half_lives_days), network.encoder.n_channels)


def inputs(network: Network, n_events: int) -> Inputs:
    """Return events whose item and host are there or not."""
    rng = np.random.default_rng(1)
    present = (rng.random((n_events, N_KINDS)) < 0.5).astype(np.float64)
    present[:, 0] = 1.0
    return Inputs(
        rng.integers(0, N_TYPES, n_events),
        rng.normal(size=(n_events, N_INPUTS)).astype(np.float32),
        rng.normal(size=(n_events, N_KINDS, network.encoder.shape.summary_width)).astype(
            np.float32
        ),
        present,
    )


@pytest.mark.parametrize("n_members", [1, N_MEMBERS])
@pytest.mark.parametrize("n_rows", [0, 1, 5, FEW])
def test_few_rows_are_answered_as_many_are(networks, monkeypatch, n_rows, n_members) -> None:
    asker = Asker(networks[:n_members])
    shape = sums_shape(networks[0], n_rows)
    sums = [torch.randn(shape) * 9 for _ in range(n_members)]
    context = torch.randn(n_rows, N_CONTEXT)

    def answers() -> list[np.ndarray]:
        states = asker.states(sums, context)
        messages = asker.messages(inputs(networks[0], n_rows))
        return [*(each.numpy() for each in messages), states, asker.outlooks(states)]

    few = answers()
    monkeypatch.setattr(asking, "FEW", -1)
    many = answers()
    assert len(few) == len(many) == n_members + 2
    for ours, theirs in zip(few, many, strict=True):
        assert ours.dtype == theirs.dtype == np.float32
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=2e-5)


def test_large_numbers_stay_finite(networks) -> None:
    asker = Asker(networks)
    sums = [torch.full(sums_shape(networks[0], 1), 1e12)] * N_MEMBERS
    states = asker.states(sums, torch.full((1, N_CONTEXT), 1e4))
    assert np.isfinite(asker.outlooks(states)).all()
