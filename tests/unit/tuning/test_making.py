"""A searcher is made as its config names it, and begins with the config as it stands."""

from __future__ import annotations

import pytest

from coadapt.domain.errors import ConfigError, UnknownPluginError
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.making import make_searcher
from coadapt.tuning.subject import read_subject

SHOP = {"source": "synthetic", "options": {"n_users": 60, "n_items": 40, "n_events": 1500}}


def first_values(tuning: TuningConfig, **options) -> dict:
    document = {"data": SHOP, "recommender": {"name": "ease", "options": options}}
    return dict(make_searcher(read_subject(document, tuning, "x"), tuning).ask().values)


def test_the_config_as_it_stands_comes_first() -> None:
    assert first_values(TuningConfig(), regularization=123.0) == {"regularization": 123.0}


def test_a_search_may_begin_elsewhere() -> None:
    tuning = TuningConfig(config_first=False)
    assert first_values(tuning, regularization=123.0) != {"regularization": 123.0}


def test_a_config_that_lies_outside_the_space_is_not_tried() -> None:
    tuning = TuningConfig(space={"regularization": {"low": 200.0}})
    assert first_values(tuning, regularization=123.0)["regularization"] >= 200.0


def test_an_option_that_a_searcher_does_not_have_is_named() -> None:
    tuning = TuningConfig(searcher="grid", options={"places": 3})
    subject = read_subject({"data": SHOP, "recommender": {"name": "ease"}}, tuning, "x")
    with pytest.raises(ConfigError, match=r"tuning\.options: places"):
        make_searcher(subject, tuning)


def test_a_searcher_that_there_is_not_is_told_with_those_there_are() -> None:
    tuning = TuningConfig(searcher="guess")
    subject = read_subject({"data": SHOP, "recommender": {"name": "ease"}}, tuning, "x")
    with pytest.raises(UnknownPluginError, match="random"):
        make_searcher(subject, tuning)
