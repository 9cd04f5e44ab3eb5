"""A pipeline's description is checked whole, and its policy made."""

from __future__ import annotations

import pytest

from coadapt.domain.errors import RunError, UnknownPluginError
from coadapt.training.pipeline_config import PolicyChoice, make_policy, parse_pipeline


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
