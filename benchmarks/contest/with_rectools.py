"""Play RecTools' transformers, one epoch at a time, scored by the library's own vectors."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from pytorch_lightning import Trainer
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import BERT4RecModel, SASRecModel

from contest.play import Job, Watch, play
from contest.split import IntArray, Pasts, Ragged, Split

MODELS: dict[str, tuple[Any, dict[str, Any]]] = {
    "sasrec_softmax": (SASRecModel, {"loss": "softmax"}),
    "bert4rec_softmax": (BERT4RecModel, {"loss": "softmax", "mask_prob": 0.2}),
}
BLOCK_USERS = 256


class Transformer:
    """Train and score one RecTools model."""

    def __init__(self, model: Any, n_items: int) -> None:
        self.model, self.n_items = model, n_items

    def train(self, events: Ragged, watch: Watch) -> None:
        """Continue by one epoch until the watch says enough."""
        dataset = _dataset(events, np.arange(len(events)))
        watch.start()
        while not watch.out_of_budget():
            self.model.fit_partial(dataset, min_epochs=1, max_epochs=1)
            watch.epoch_done()

    def scores(self, pasts: Pasts) -> npt.NDArray[np.float32]:
        """Multiply the library's user and item vectors; an item it never met scores lowest."""
        preparator, users = self.model.data_preparator, pasts.users
        asked = preparator.transform_dataset_u2i(_dataset(pasts.known, users), users, None)
        loader = preparator.get_dataloader_recommend(asked, BLOCK_USERS)
        network = self.model.lightning_model
        user_vectors, item_vectors = network._get_user_item_embeddings(loader, "cpu")
        n_extra = preparator.n_item_extra_tokens
        item_ids = np.asarray(preparator.item_id_map.external_ids[n_extra:], np.int64)
        place = np.full(users.max() + 1, -1)
        place[np.asarray(asked.user_id_map.external_ids, np.int64)] = np.arange(len(user_vectors))
        scores = np.full((len(users), self.n_items), -np.inf, np.float32)
        ordered = user_vectors.numpy()[place[users]]
        scores[:, item_ids] = ordered @ item_vectors.detach().numpy()[n_extra:].T
        return scores

    def top(self, pasts: Pasts) -> None:
        """Ask the library for ten."""
        known = _dataset(pasts.known, pasts.users)
        self.model.recommend(pasts.users, known, k=10, filter_viewed=True)


def _dataset(events: Ragged, users: IntArray) -> Dataset:
    """Build RecTools' dataset; places in a history stand for times."""
    places = np.arange(len(events.items)) - np.repeat(events.offsets[:-1], events.lengths)
    frame = pd.DataFrame(
        {
            Columns.User: np.repeat(users, events.lengths),
            Columns.Item: events.items,
            Columns.Weight: 1.0,
            Columns.Datetime: pd.Timestamp("2020-01-01") + pd.to_timedelta(places, unit="s"),
        }
    )
    return Dataset.construct(frame)


def _trainer() -> Trainer:
    """Make a silent trainer of one epoch on the processor."""
    return Trainer(
        max_epochs=1,
        min_epochs=1,
        enable_progress_bar=False,
        enable_model_summary=False,
        logger=False,
        enable_checkpointing=False,
        accelerator="cpu",
        devices=1,
    )


def make(job: Job, setting: dict[str, Any], split: Split) -> Any:
    """Make the contender that a job names."""
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(job.n_threads)
    torch.manual_seed(job.seed)
    np.random.seed(job.seed)
    model, loss = MODELS[job.method]
    return Transformer(
        model(
            **loss,
            **setting,
            recommend_torch_device="cpu",
            recommend_batch_size=BLOCK_USERS,
            get_trainer_func=_trainer,
        ),
        split.n_items,
    )


if __name__ == "__main__":
    play(make)
