import pytest
import torch

from coadapt.value._duve.encoder import EncoderShape, MessageInputs, TemporalEncoder

SHAPE = EncoderShape(
    n_types=3,
    n_inputs=11,
    summary_width=6,
    n_kinds=3,
    n_context=2,
    half_lives_days=(1.0, 30.0),
    message_dim=4,
    hidden_dim=8,
    dropout=0.0,
)


@pytest.fixture
def encoder() -> TemporalEncoder:
    torch.manual_seed(0)
    return TemporalEncoder(SHAPE).eval()


def inputs(n_events: int) -> MessageInputs:
    torch.manual_seed(1)
    present = torch.tensor([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]], dtype=torch.float64)
    return MessageInputs(
        torch.arange(n_events) % 3,
        torch.randn(n_events, 11),
        torch.randn(n_events, 3, 6),
        present[torch.arange(n_events) % 4],
    )


def test_an_absent_neighbour_says_nothing(encoder) -> None:
    changed = inputs(8)
    changed.summaries[0, 2] += 100.0
    torch.testing.assert_close(encoder.messages(inputs(8)), encoder.messages(changed))


def test_without_the_graph_neighbours_say_nothing() -> None:
    torch.manual_seed(0)
    encoder = TemporalEncoder(EncoderShape(**{**vars_of(SHAPE), "graph": False}))
    changed = inputs(8)._replace(summaries=torch.zeros(8, 3, 6))
    torch.testing.assert_close(encoder.messages(inputs(8)), encoder.messages(changed))


def test_without_learned_channels_a_message_is_the_event_and_its_first_numbers() -> None:
    encoder = TemporalEncoder(EncoderShape(**{**vars_of(SHAPE), "message_dim": 0}))
    assert encoder.n_channels == 4
    assert encoder.messages(inputs(8))[:, 1:].equal(inputs(8).numbers[:, :3])


def test_a_state_has_the_asked_dimension(encoder) -> None:
    sums = torch.rand(5, 3, 2, encoder.n_channels)
    assert encoder.read(sums, torch.zeros(5, 2)).shape == (5, 128)


def vars_of(shape: EncoderShape) -> dict:
    return {name: getattr(shape, name) for name in EncoderShape.__dataclass_fields__}
