"""Every classifier answers with probabilities, and networks report each epoch."""

from dataclasses import replace

import numpy as np
import pytest
from mlboa.contenders import (
    CNN,
    CNN_AT_BEST,
    UNTUNED,
    UNTUNED_AT_BEST,
    Contender,
    Setting,
    contenders,
)
from mlboa.features import Examples
from mlboa.models.base import Classifier, accuracy
from mlboa.models.blend import Blend
from mlboa.models.by_source import BySource
from mlboa.models.classical import LogisticTfidf, Majority
from mlboa.models.lstm import LSTMConfig, lstm
from mlboa.task import Task, play, score

from coadapt.domain.errors import ConfigError, NotFittedError
from coadapt.domain.resources import Resources

SMALL = LSTMConfig(hidden_dim=16, n_layers=1, max_epochs=3, learning_rate=0.02)


def fitted(classifier: Classifier, task: Task, resources: Resources | None = None) -> Classifier:
    classifier.fit(task.training, task.validation, resources or Resources())
    return classifier


def first(examples: Examples, count: int) -> Examples:
    """Return the first examples, which leaves the longer ones behind."""
    few = examples.where(np.arange(len(examples)) < count)
    return replace(few, steps=few.steps[:, : few.lengths.max()])


@pytest.mark.parametrize(
    "contender", contenders(2, Setting()).values(), ids=contenders(2, Setting())
)
def test_answers_are_probabilities_and_the_same_again(contender: Contender, task: Task) -> None:
    once, again = (fitted(contender[1](), task).predict_proba(task.test) for _ in range(2))
    assert np.array_equal(once, again)
    assert once.shape == (len(task.test),)
    assert 0 <= once.min() <= once.max() <= 1


@pytest.mark.parametrize("name", [CNN, UNTUNED])
def test_what_fills_up_a_batch_is_not_read(name: str, task: Task) -> None:
    network = fitted(contenders(1, None)[name][1](), task)
    alone, among_longer = first(task.test, 3), task.test
    assert network.predict_proba(alone) == pytest.approx(
        network.predict_proba(among_longer)[:3], abs=1e-6
    )


@pytest.mark.parametrize("changed", [{"readout": "last and highest"}, {"word_vectors": "trained"}])
def test_no_variant_reads_what_fills_up(changed: dict[str, str], task: Task) -> None:
    network = fitted(lstm(SMALL.model_copy(update=changed)), task)
    found = network.predict_proba(first(task.test, 3))
    assert found == pytest.approx(network.predict_proba(task.test)[:3], abs=1e-6)


def test_an_lstm_learns(task: Task) -> None:
    longer = SMALL.model_copy(update={"max_epochs": 15})
    network = fitted(lstm(longer), task)
    majority = fitted(contenders(1, None)["majority"][1](), task)
    reached, least = (
        accuracy(each.predict_proba(task.training), task.training) for each in (network, majority)
    )
    assert reached > least + 0.1


def test_each_epochs_accuracy_is_reported_and_training_can_be_stopped(task: Task) -> None:
    heard: list[int] = []
    resources = Resources(
        report=lambda epoch, _loss, _accuracy: heard.append(epoch),
        should_stop=lambda: len(heard) == 2,
    )
    fitted(lstm(SMALL), task, resources)
    assert heard == [1, 2]


def test_the_best_epochs_weights_can_be_kept(task: Task) -> None:
    shape = SMALL.model_copy(update={"keeps_best_epoch": True, "learning_rate": 0.5})
    network = lstm(shape)
    curve = play(network, task, Resources()).curve
    assert accuracy(network.predict_proba(task.validation), task.validation) == max(curve)


@pytest.mark.parametrize(("last", "best"), [(CNN, CNN_AT_BEST), (UNTUNED, UNTUNED_AT_BEST)])
def test_the_best_epoch_is_one_of_the_same_training(last: str, best: str, task: Task) -> None:
    made = contenders(4, None)
    networks = {name: made[name][1]() for name in (last, best)}
    curves = {name: play(each, task, Resources()).curve for name, each in networks.items()}
    assert curves[best] == curves[last]
    reached = accuracy(networks[best].predict_proba(task.validation), task.validation)
    assert reached == max(curves[last])


def test_the_majority_is_that_of_the_source(task: Task) -> None:
    found = fitted(contenders(1, None)["majority"][1](), task).predict_proba(task.test)
    is_clothing = task.test.sources == "clothing"
    assert len(np.unique(found[is_clothing])) == 1
    assert found[is_clothing][0] != found[~is_clothing][0]


def test_a_blend_leans_on_whoever_knows_more(task: Task) -> None:
    know_nothing = BySource(Majority)
    logistic = fitted(BySource(LogisticTfidf), task).predict_proba(task.test)
    blend = fitted(Blend(know_nothing, BySource(LogisticTfidf)), task).predict_proba(task.test)
    is_clothing = task.test.sources == "clothing"
    assert blend[is_clothing] == pytest.approx(logistic[is_clothing])


def test_a_network_that_was_not_trained_does_not_answer(task: Task) -> None:
    with pytest.raises(NotFittedError, match="fit"):
        lstm().predict_proba(task.test)


def test_the_majority_closes_nothing_of_the_gap_and_bayes_all(task: Task) -> None:
    is_simulated = task.test.sources == "simulated"
    bayes = np.where(is_simulated, task.test.p_bayes, 0.9)
    assert score(bayes, task.test)["gap closed"] == 1
    assert score(np.full(len(task.test), 0.1), task.test)["gap closed"] <= 0


def test_a_setting_of_unknown_names_is_refused(tmp_path) -> None:
    (tmp_path / "tuned.toml").write_text("[lstm]\nsize = 3\n")
    with pytest.raises(ConfigError, match="size"):
        Setting.read(tmp_path / "tuned.toml")
