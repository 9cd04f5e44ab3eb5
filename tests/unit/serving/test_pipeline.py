import numpy as np

from coadapt.data.dataset import Vocabulary
from coadapt.serving.pipeline import Pipeline, RowsByNumber


def test_item_numbers_become_rows_as_items_appear() -> None:
    by_number = RowsByNumber(Vocabulary(["tea", "cup"]))
    assert by_number.rows(["cup"]).tolist() == [1]
    assert by_number.rows(["cup", "new", "tea"]).tolist() == [1, -1, 0]


def test_a_mask_over_numbers_becomes_one_over_rows() -> None:
    by_number = RowsByNumber(Vocabulary(["tea", "cup", "pot"]))
    allowed = np.array([False, True])
    assert by_number.mask(allowed, ["cup", "new"]).tolist() == [True, False, True]
    assert by_number.mask(allowed, ["cup", "new"]) is by_number.mask(allowed, ["cup", "new"])


def test_rows_without_a_number_are_as_the_caller_says() -> None:
    by_number = RowsByNumber(Vocabulary(["tea", "cup", "pot"]))
    allowed = np.array([True])
    assert by_number.mask(allowed, ["cup"], otherwise=False).tolist() == [False, True, False]
    assert by_number.mask(allowed, ["cup"]).tolist() == [True, True, True]


def test_the_same_policy_has_the_same_version(pipeline: Pipeline) -> None:
    same = Pipeline(
        "b@2", pipeline.config, pipeline.recommender, pipeline.vocabulary, pipeline.policy
    )
    assert same.policy_version == pipeline.policy_version
