"""The plain strategy learns, stops and goes back to the best weights."""

import numpy as np
import polars as pl
import pytest

from coadapt.data.batches import Histories
from coadapt.data.dataset import Dataset
from coadapt.domain.errors import DataError
from coadapt.domain.resources import Resources
from coadapt.recommenders.sasrec import SASRec, SASRecConfig
from coadapt.training.strategies.plain import PlainStrategy

SMALL = {"embedding_dim": 16, "max_length": 10, "warmup_steps": 2, "learning_rate": 0.01}


def circle(n_users: int = 64, n_events: int = 9, n_items: int = 12) -> Dataset:
    """Everybody walks the same circle of items, from another start."""
    users = np.repeat(np.arange(n_users), n_events)
    steps = np.tile(np.arange(n_events), n_users)
    frame = pl.DataFrame(
        {"user_id": users.astype(str), "item_id": ((users + steps) % n_items).astype(str)}
    ).with_columns(type=pl.lit("page_view"), timestamp=pl.Series(steps), value=pl.lit(None))
    return Dataset.from_frame(frame)


def test_the_next_step_of_a_circle_is_learnt() -> None:
    dataset = circle()
    recommender = SASRec(SASRecConfig(**SMALL, max_epochs=30, dropout=0, embedding_dropout=0))
    PlainStrategy().fit(recommender, dataset, Resources())
    rows = dataset.item_ids.rows(["3", "4", "5"])
    best = recommender.top(Histories.from_rows([rows]), 1)
    assert best.rows[0, 0] == dataset.item_ids.row("6")


def test_training_stops_when_validation_no_longer_improves() -> None:
    epochs: list[int] = []
    values = iter([0.5, 0.4, 0.3, 0.2, 0.1])
    recommender = SASRec(SASRecConfig(**SMALL, max_epochs=5, patience=2))
    resources = Resources(
        validate=lambda: next(values), report=lambda epoch, loss, value: epochs.append(epoch)
    )
    PlainStrategy().fit(recommender, circle(), resources)
    assert epochs == [1, 2, 3]


def test_the_best_weights_return() -> None:
    kept: list[float] = []
    recommender = SASRec(SASRecConfig(**SMALL, max_epochs=3))

    def validate() -> float:
        kept.append(float(recommender.network.items.weight.detach().sum()))
        return -float(len(kept))

    PlainStrategy().fit(recommender, circle(), Resources(validate=validate))
    assert float(recommender.network.items.weight.detach().sum()) == kept[0]


def test_data_without_a_next_event_is_refused() -> None:
    recommender = SASRec(SASRecConfig(**SMALL))
    with pytest.raises(DataError, match="two events"):
        PlainStrategy().fit(recommender, circle(n_events=1), Resources())
