"""A recommender is evaluated on the whole catalogue for every held-out user."""

import json

import numpy as np
import pytest
from scipy import sparse

from coadapt.data.batches import Histories
from coadapt.data.splitting import HeldOut
from coadapt.domain.errors import EmptyDataError
from coadapt.evaluation.offline import EvaluationConfig, evaluate, sampled_validation
from coadapt.recommenders.popularity import Popularity, PopularityConfig

COUNTS = np.array([9, 7, 5, 3, 1])
QUICK = EvaluationConfig(ks=(1, 2), n_bootstrap=20)
FIRST = EvaluationConfig(ks=(1,))


@pytest.fixture
def popular():
    recommender = Popularity(PopularityConfig())
    recommender.load_weights({"scores": COUNTS.astype(np.float32)})
    return recommender


def held_out(pasts, targets):
    """Return users numbered from 100 with these pasts and held-out items."""
    histories, wanted = (
        Histories.from_rows([np.array(rows, np.int64) for rows in side])
        for side in (pasts, targets)
    )
    return HeldOut(histories, wanted, np.arange(100, 100 + len(histories)))


THREE = held_out([[0], [0, 1], []], [[1], [4], [0, 2]])


def test_each_user_has_a_value_for_each_metric(popular):
    evaluation = evaluate(popular, THREE, COUNTS, QUICK)
    assert evaluation.users.tolist() == [100, 101, 102]
    assert evaluation.values["hr@1"].tolist() == [1, 0, 1]
    assert evaluation.values["recall@2"].tolist() == [1, 0, 0.5]
    assert evaluation.values["mrr"] == pytest.approx([1, 1 / 3, 1])


def test_means_are_over_users(popular):
    means = evaluate(popular, THREE, COUNTS, QUICK).means()
    assert means["hr@1"] == pytest.approx(2 / 3)
    assert means["coverage@1"] == pytest.approx(3 / 5)


def test_small_batches_change_nothing(popular):
    small = QUICK.model_copy(update={"batch_size": 1})
    one, all_at_once = (evaluate(popular, THREE, COUNTS, c) for c in (small, QUICK))
    np.testing.assert_equal(one.values, all_at_once.values)


def test_only_the_metrics_asked_for_are_measured(popular):
    config = EvaluationConfig(ks=(3,), metrics=("ndcg", "auc"), n_bootstrap=5)
    assert set(evaluate(popular, THREE, COUNTS, config).summaries) == {"ndcg@3", "auc"}


def test_diversity_is_measured_where_items_can_be_told_apart(popular):
    tastes = sparse.csr_matrix(np.eye(5) * 4)
    evaluation = evaluate(popular, THREE, COUNTS, QUICK, item_vectors=tastes)
    assert evaluation.means()["diversity@2"] == pytest.approx(1)
    assert "diversity@2" not in evaluate(popular, THREE, COUNTS, QUICK).summaries


def test_seen_items_are_ranked_when_asked(popular):
    config = QUICK.model_copy(update={"skip_seen": False})
    assert evaluate(popular, THREE, COUNTS, config).values["hr@1"].tolist() == [0, 0, 1]


def test_an_evaluation_can_be_written_as_strict_json(popular):
    record = evaluate(popular, THREE, COUNTS, QUICK).to_dict()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["n_users"] == 3


def test_progress_reaches_the_last_user(popular):
    told = []
    config = QUICK.model_copy(update={"batch_size": 2})
    evaluate(popular, THREE, COUNTS, config, progress=lambda *step: told.append(step))
    assert told == [(2, 3, "evaluate"), (3, 3, "evaluate")]


def test_nobody_to_evaluate_on_is_an_error(popular):
    with pytest.raises(EmptyDataError, match="check the split"):
        evaluate(popular, held_out([], []), COUNTS, QUICK)


def test_an_unknown_metric_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"there are: .*ndcg"):
        EvaluationConfig(metrics=("accuracy",))


def test_validation_follows_the_recommender_as_it_changes(popular):
    validate = sampled_validation(popular, THREE, FIRST)
    before = validate()
    popular.load_weights({"scores": -COUNTS.astype(np.float32)})
    assert before == pytest.approx(2 / 3)
    assert validate() == pytest.approx(1 / 3)


def test_validation_on_a_sample_looks_at_those_users_only(popular):
    validate = sampled_validation(popular, THREE, FIRST, 1)
    assert validate() in {0.0, 1.0}
    assert validate() == validate()


def test_validation_asks_for_seen_items_again_where_the_config_does(popular):
    again = held_out([[0, 1]], [[0]])
    ask_again = FIRST.model_copy(update={"skip_seen": False})
    assert sampled_validation(popular, again, FIRST)() == 0
    assert sampled_validation(popular, again, ask_again)() == 1
