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
VARIANTS = [
    {},
    {"graph": False},
    {"n_heads": 1, "hidden_dim": 16, "message_dim": 5},
    {"n_heads": 4, "decay": "none"},
]


@pytest.fixture(params=VARIANTS, ids=str)
def network(request) -> Network:
    torch.manual_seed(0)
    network = Network(DUVEConfig(**request.param), N_TYPES).eval()
    for buffer in network.buffers():
        buffer.copy_(torch.rand_like(buffer) + 0.5)
    return network


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


@pytest.mark.parametrize("n_rows", [0, 1, 5, FEW])
def test_few_rows_are_answered_as_many_are(network, monkeypatch, n_rows) -> None:
    asker = Asker(network)
    shape = (n_rows, N_TYPES, len(network.encoder.shape.half_lives_days), asker.n_channels)
    sums, context = torch.randn(shape) * 9, torch.randn(n_rows, N_CONTEXT)

    def answers() -> list[np.ndarray]:
        states = asker.states(sums, context)
        return [asker.messages(inputs(network, n_rows)).numpy(), states, asker.outlook(states)]

    few = answers()
    monkeypatch.setattr(asking, "FEW", 0)
    for ours, theirs in zip(few, answers(), strict=True):
        assert ours.dtype == theirs.dtype == np.float32
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=2e-5)


def test_large_numbers_stay_finite(network) -> None:
    asker = Asker(network)
    shape = (1, N_TYPES, len(network.encoder.shape.half_lives_days), asker.n_channels)
    states = asker.states(torch.full(shape, 1e12), torch.full((1, N_CONTEXT), 1e4))
    assert np.isfinite(asker.outlook(states)).all()
