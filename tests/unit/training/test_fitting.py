"""Fitting refits as long as was best."""

import pytest

from coadapt.evaluation.offline import evaluate
from coadapt.training.config import TrainingConfig
from coadapt.training.fitting import fit, refit
from coadapt.training.preparing import prepare

TINY = {"embedding_dim": 8, "max_length": 20, "max_epochs": 3, "warmup_steps": 2}


@pytest.fixture
def shop(make_config, surroundings):
    """Return a config of a tiny network and its data."""
    config = make_config(recommender={"name": "sasrec", "options": TINY})
    return config, prepare(config, surroundings)


def test_a_refit_learns_for_as_many_epochs_as_were_best(shop, monkeypatch) -> None:
    config, prepared = shop
    journal = fit(config.make_recommender(), prepared.split, TrainingConfig())
    journal.lines[1]["value"] = 1.0
    recommender, epochs = config.make_recommender(), []
    batches = recommender.batches
    monkeypatch.setattr(recommender, "batches", lambda *a: epochs.append(1) or batches(*a))
    refit(recommender, prepared.split, TrainingConfig(), journal)
    assert len(epochs) == 2


def test_epochs_are_judged_as_the_whole_training_is(make_config, surroundings) -> None:
    config = make_config(
        recommender={"name": "sasrec", "options": {**TINY, "max_epochs": 1}},
        evaluation={"ks": [10], "n_bootstrap": 2, "skip_seen": False},
    )
    split, recommender = prepare(config, surroundings).split, config.make_recommender()
    journal = fit(recommender, split, config.training, skip_seen=False)
    evaluation = evaluate(recommender, split.validation, split.train.item_counts, config.evaluation)
    assert journal.lines[0]["value"] == pytest.approx(evaluation.means()["ndcg@10"])
