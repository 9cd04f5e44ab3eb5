"""Score a history by the newest state of a sequence network: what SASRec and GRU4Rec share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple, Self, TypeVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from typing_extensions import override

from coadapt.data.batches import Histories, IntArray, ScoreArray, Scores
from coadapt.data.dataset import Dataset
from coadapt.data.sequences import newest_windows, packed, padded
from coadapt.domain.ranges import Between
from coadapt.domain.resources import Resources
from coadapt.nn.attention import last_places, normalized
from coadapt.nn.precision import matmul_dtype
from coadapt.nn.softmax import full_softmax_loss, sampled_softmax_loss
from coadapt.nn.trainable import OptimizerConfig
from coadapt.recommenders.base import Recommender, RecommenderConfig, Weights

_SCORING_CELLS = 8192


class SequenceConfig(RecommenderConfig, OptimizerConfig):
    """Hold what every sequence network's scores and loss need.

    Logits are cosines times `logit_scale`. Above `full_softmax_items` items the loss is estimated
    from the batch's own targets and `n_negatives` shared random items.
    """

    embedding_dim: Annotated[int, Field(ge=1), Between(32, 128, step=32)] = 64
    max_length: Annotated[int, Field(ge=1), Between(20, 200, log=True)] = 100
    logit_scale: Annotated[float, Field(gt=0, le=40), Between(4.0, 40.0, log=True)] = 20.0
    dropout: Annotated[float, Field(ge=0, lt=1), Between(0.0, 0.6)] = 0.1
    embedding_dropout: Annotated[float, Field(ge=0, lt=1), Between(0.0, 0.6)] = 0.1
    max_tokens: Annotated[int, Field(ge=1), Between(256, 4096, log=True)] = 2048
    """Places in a training batch, padding included."""
    full_softmax_items: Annotated[int, Field(ge=1)] = 10_000
    n_negatives: Annotated[int, Field(ge=1)] = 2048


SequenceConfigT = TypeVar("SequenceConfigT", bound=SequenceConfig)


class SequenceBatch(NamedTuple):
    """Hold padded windows (batch, time), the flat places that are real, and the item after each."""

    inputs: Tensor
    kept: Tensor
    targets: Tensor


class SequenceNetwork(nn.Module):
    """Hold item vectors and the prior; subclasses turn rows into states.

    The last embedding row is padding. `prior` scores an empty history: log popularity.
    """

    prior: Tensor

    def __init__(self, n_items: int, embedding_dim: int) -> None:
        super().__init__()
        self.items = nn.Embedding(n_items + 1, embedding_dim, padding_idx=n_items)
        nn.init.normal_(self.items.weight, std=embedding_dim**-0.5)
        self.register_buffer("prior", torch.zeros(n_items))
        self._item_vectors: Tensor | None = None

    @override
    def train(self, mode: bool = True) -> Self:
        """Begin or end training; item vectors are made anew after either."""
        self._item_vectors = None
        return super().train(mode)

    @property
    def n_items(self) -> int:
        """Count the items of the catalogue."""
        return len(self.prior)

    @abstractmethod
    def states(self, rows: Tensor) -> Tensor:
        """Map padded rows (batch, time) to states (batch, time, embedding_dim)."""

    def newest_states(self, rows: Tensor, lengths: Tensor) -> Tensor:
        """Return the state after each history's last event, shape (batch, embedding_dim)."""
        return last_places(self.states(rows), lengths)

    def item_vectors(self) -> Tensor:
        """Return one vector of length one an item, shape (n_items, embedding_dim).

        They are kept between answers: normalising a catalogue costs as much as a short history.
        """
        if self.training:
            return normalized(self.items.weight[:-1])
        if self._item_vectors is None:
            self._item_vectors = normalized(self.items.weight[:-1]).detach()
        return self._item_vectors


class SequenceRecommender(Recommender[SequenceConfigT]):
    """Predict the next item from the order of a history, by cosine to each item's vector.

    A training strategy fits it, as `nn.trainable.Trainable`.
    """

    _network: SequenceNetwork | None = None

    @abstractmethod
    def build(self, n_items: int) -> SequenceNetwork:
        """Make a new network for a catalogue of this size."""

    @abstractmethod
    def batches(
        self, dataset: Dataset, rng: np.random.Generator
    ) -> Iterator[tuple[float, tuple[Tensor, ...]]]:
        """Yield one epoch of batches, each with the share of the epoch done with it."""

    @abstractmethod
    def loss(self, batch: Any) -> Tensor:
        """Return the mean cross-entropy of a batch."""

    @property
    def network(self) -> SequenceNetwork:
        """Return the network. Raises NotFittedError before `prepare` or `load_weights`."""
        if self._network is None:
            raise self._not_fitted()
        return self._network

    def prepare(self, dataset: Dataset, seed: int) -> None:
        """Make a freshly initialised network that knows how popular each item is."""
        torch.manual_seed(seed)
        self._network = self.build(dataset.n_items)
        counts = torch.from_numpy(dataset.item_counts.astype(np.float32))
        self._network.prior.copy_(torch.log1p(counts))

    def fit(self, dataset: Dataset, resources: Resources) -> None:
        """Refuse: a network is fitted by a strategy, which owns the loop."""
        raise NotImplementedError("fit a network by coadapt.training.strategies")

    def weights(self) -> Weights:
        """Return the network's parameters and buffers as arrays by name."""
        return {name: t.detach().cpu().numpy() for name, t in self.network.state_dict().items()}

    def load_weights(self, weights: Weights) -> None:
        """Build the network for the stored catalogue size and fill it."""
        network = self.build(len(weights["prior"]))
        network.load_state_dict({n: torch.from_numpy(np.array(a)) for n, a in weights.items()})
        self._network = network.eval()

    def next_item_loss(self, states: Tensor, targets: Tensor) -> Tensor:
        """Return the mean cross-entropy of targets (tokens,) given states (tokens, dim)."""
        queries = normalized(states) * self.config.logit_scale
        items = self.network.item_vectors()
        if self.network.n_items <= self.config.full_softmax_items:
            return full_softmax_loss(queries, items, targets, matmul_dtype())
        return sampled_softmax_loss(
            queries, items, targets, self.config.n_negatives, matmul_dtype()
        )

    @torch.no_grad()
    def score(self, histories: Histories, candidates: IntArray | None = None) -> Scores:
        """Score by cosine to the newest state, times `logit_scale`."""
        network = self.network
        vectors, prior = network.item_vectors(), network.prior
        if candidates is not None:
            chosen = torch.from_numpy(candidates).to(vectors.device)
            vectors, prior = vectors[chosen], prior[chosen]
        known = histories.known()
        values = (self._newest_states(known) @ vectors.T).mul_(self.config.logit_scale)
        values[torch.from_numpy(known.lengths == 0)] = prior
        return Scores(values.cpu().numpy(), candidates)

    def item_vectors(self) -> ScoreArray:
        """Return the item vectors, shape (n_items, embedding_dim)."""
        with torch.no_grad():
            vectors: ScoreArray = self.network.item_vectors().cpu().numpy()
        return vectors

    def _newest_states(self, histories: Histories) -> Tensor:
        """Return each history's newest state, normalised, shape (n, dim); zeros if empty."""
        network = self.network
        device = network.prior.device
        windows = newest_windows(histories, self.config.max_length)
        newest = torch.zeros(len(histories), self.config.embedding_dim, device=device)
        nonempty = np.flatnonzero(windows.lengths)
        for part in packed(windows.lengths[nonempty], _SCORING_CELLS):
            group = nonempty[part]
            rows, _ = padded(histories.rows, windows, group, network.n_items)
            lengths = torch.from_numpy(windows.lengths[group]).to(device)
            states = network.newest_states(torch.from_numpy(rows).to(device), lengths)
            newest[torch.from_numpy(group)] = normalized(states)
        return newest
