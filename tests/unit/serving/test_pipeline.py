import numpy as np
import pytest

from coadapt.data.dataset import Vocabulary
from coadapt.domain.errors import RunError, UnknownPluginError
from coadapt.serving.pipeline import (
    Pipeline,
    PolicyChoice,
    RowsByNumber,
    make_policy,
    parse_pipeline,
)


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


def test_a_pipeline_says_which_key_is_wrong() -> None:
    with pytest.raises(RunError) as caught:
        parse_pipeline({"recommender": "r", "candidates": 0}, "shop@1")
    assert caught.value.field == "candidates"


def test_an_unknown_policy_names_those_there_are() -> None:
    with pytest.raises(UnknownPluginError, match="plackett_luce"):
        make_policy(PolicyChoice(name="none"))


def test_a_wrong_option_of_a_policy_is_told() -> None:
    with pytest.raises(RunError, match="option warmth"):
        make_policy(PolicyChoice(name="plackett_luce", options={"warmth": 1}))
