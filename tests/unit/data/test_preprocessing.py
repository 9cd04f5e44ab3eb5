from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from coadapt.data.preprocessing import PreprocessingConfig, preprocess
from coadapt.domain.errors import EmptyDataError


def _step(report, name):
    return next(step for step in report.steps if step.name == name)


def test_by_default_nothing_changes(table) -> None:
    rows = [("a", "x", "rate", 2, 5.0), ("a", "x", "rate", 1, None), ("b", "y", "rate", 1, 9e9)]
    dataset, report = preprocess(table(rows), PreprocessingConfig())
    assert dataset.n_events == 3
    assert [step.name for step in report.steps] == ["with_item", "interest"]


def test_what_was_given_back_is_no_interest_unless_it_is_asked_for(table) -> None:
    rows = [("a", "x", "purchase"), ("a", "y", "refund"), ("a", "z", "remove_from_cart")]
    dataset, report = preprocess(table(rows), PreprocessingConfig())
    assert dataset.item_ids.ids == ["x"]
    assert _step(report, "interest").rows_before == 3
    asked = PreprocessingConfig(event_types=("purchase", "refund"))
    assert preprocess(table(rows), asked)[0].item_ids.ids == ["x", "y"]


def test_data_without_items_are_named(table) -> None:
    with pytest.raises(EmptyDataError, match="has an item, and a recommender learns from items"):
        preprocess(table([("a", None)]), PreprocessingConfig())


def test_events_without_an_item_are_set_aside_and_counted(table) -> None:
    dataset, report = preprocess(table([("a", "x"), ("a", None)]), PreprocessingConfig())
    step = _step(report, "with_item")
    assert (dataset.n_events, step.rows_before, step.rows_after) == (1, 2, 1)


def test_only_the_types_asked_for_are_kept(table) -> None:
    rows = [("a", "x", "page_view"), ("a", "y", "purchase")]
    dataset, _ = preprocess(table(rows), PreprocessingConfig(event_types=("purchase",)))
    assert dataset.item_ids.ids == ["y"]


def test_a_minimum_drops_lower_values_and_keeps_missing_ones(table) -> None:
    rows = [("a", "x", "rate", 1, 2.0), ("a", "y", "rate", 2, 4.0), ("a", "z", "rate", 3, None)]
    dataset, _ = preprocess(table(rows), PreprocessingConfig(min_value=4.0))
    assert dataset.item_ids.ids == ["y", "z"]


@pytest.mark.parametrize(
    ("missing_values", "expected"), [("mean", 4.0), ("median", 2.0), (7.5, 7.5)]
)
def test_a_missing_value_is_replaced_by_what_is_asked_for(table, missing_values, expected) -> None:
    rows = [("a", "x", "rate", time, value) for time, value in enumerate([1.0, 2.0, 9.0, None])]
    config = PreprocessingConfig(missing_values=missing_values)
    dataset, report = preprocess(table(rows), config)
    assert dataset.values[-1] == expected
    assert _step(report, "missing_values").statistics == {"n_missing": 1, "fill": expected}


def test_events_without_a_value_can_be_dropped(table) -> None:
    rows = [("a", "x", "rate", 1, None), ("a", "y", "rate", 2, 1.0)]
    dataset, _ = preprocess(table(rows), PreprocessingConfig(missing_values="drop"))
    assert dataset.item_ids.ids == ["y"]


def test_a_mean_of_no_values_is_refused(table) -> None:
    with pytest.raises(EmptyDataError, match="missing_values"):
        preprocess(table([("a", "x")]), PreprocessingConfig(missing_values="mean"))


def _with_outlier(table):
    values = [1.0, 2.0, 3.0, 4.0, 1000.0]
    return table([("a", f"i{n}", "rate", n, value) for n, value in enumerate(values)])


def test_outliers_can_be_dropped(table) -> None:
    dataset, report = preprocess(_with_outlier(table), PreprocessingConfig(outliers="drop"))
    assert dataset.values.max() == 4.0
    assert _step(report, "outliers").statistics == {"low": -17.0, "high": 23.0, "n_outside": 1}


def test_outliers_can_be_clipped_to_the_limit(table) -> None:
    dataset, _ = preprocess(_with_outlier(table), PreprocessingConfig(outliers="clip"))
    assert (dataset.n_events, dataset.values.max()) == (5, 23.0)


def test_outliers_can_be_those_outside_quantiles(table) -> None:
    config = PreprocessingConfig(
        outliers="drop", outlier_rule="quantile", outlier_quantiles=(0.0, 0.75)
    )
    dataset, _ = preprocess(_with_outlier(table), config)
    assert dataset.values.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_values_that_hardly_vary_have_no_robust_outliers(table) -> None:
    rows = [("a", f"i{n}", "rate", n, value) for n, value in enumerate([5.0, 5.0, 5.0, 5.0, 1.0])]
    dataset, _ = preprocess(table(rows), PreprocessingConfig(outliers="drop"))
    assert dataset.n_events == 5


@pytest.mark.parametrize(("keep", "time"), [("first", 1), ("last", 3)])
def test_of_a_repeated_pair_one_event_is_kept(table, keep, time) -> None:
    rows = [("a", "x", "like", 3), ("a", "x", "like", 1), ("a", "x", "share", 2)]
    dataset, _ = preprocess(table(rows), PreprocessingConfig(deduplicate=keep))
    assert dataset.times.tolist() == [time]


def test_identical_events_are_duplicates_and_others_are_not(table) -> None:
    rows = [("a", "x", "like", 1), ("a", "x", "like", 1), ("a", "x", "like", 2)]
    config = PreprocessingConfig(deduplicate="first", duplicates_of="event")
    dataset, _ = preprocess(table(rows), config)
    assert dataset.times.tolist() == [1, 2]


CHAIN = [("a", "x"), ("a", "y"), ("b", "y"), ("b", "z"), ("c", "z"), ("c", "w"), ("d", "w")]


def test_rare_items_go_in_one_pass_and_users_stay(table) -> None:
    dataset, report = preprocess(table(CHAIN), PreprocessingConfig(min_item_events=2))
    assert (dataset.n_users, dataset.item_ids.ids) == (4, ["y", "z", "w"])
    assert _step(report, "core").statistics == {"passes": 1, "items": 3, "users": 4}


def test_a_stable_core_is_pruned_until_all_have_their_minimum(table) -> None:
    square = [("p", "s"), ("p", "t"), ("q", "s"), ("q", "t")]
    config = PreprocessingConfig(min_item_events=2, min_user_events=2, core="stable")
    dataset, report = preprocess(table(CHAIN + square), config)
    assert dataset.user_ids.ids == ["p", "q"]
    assert _step(report, "core").statistics["passes"] > 2


def test_standard_scaling_records_what_it_fitted(table) -> None:
    rows = [("a", "x", "rate", 1, 2.0), ("a", "y", "rate", 2, 4.0)]
    dataset, report = preprocess(table(rows), PreprocessingConfig(scale_values="standard"))
    assert dataset.values.tolist() == [-1.0, 1.0]
    assert _step(report, "scale_values").statistics == {"shift": 3.0, "scale": 1.0}


def test_minmax_scaling_spans_zero_to_one(table) -> None:
    rows = [("a", f"i{n}", "rate", n, value) for n, value in enumerate([2.0, 3.0, 6.0])]
    dataset, _ = preprocess(table(rows), PreprocessingConfig(scale_values="minmax"))
    assert dataset.values.tolist() == [0.0, 0.25, 1.0]


@pytest.mark.parametrize("kind", ["standard", "minmax"])
def test_equal_values_are_scaled_to_zero(table, kind) -> None:
    rows = [("a", "x", "rate", 1, 3.0), ("a", "y", "rate", 2, 3.0)]
    dataset, _ = preprocess(table(rows), PreprocessingConfig(scale_values=kind))
    assert dataset.values.tolist() == [0.0, 0.0]


def test_scaling_leaves_missing_values_missing(table) -> None:
    dataset, _ = preprocess(table([("a", "x")]), PreprocessingConfig(scale_values="minmax"))
    assert np.isnan(dataset.values).all()


def test_words_become_numbers_and_are_recorded(table) -> None:
    items = pl.DataFrame({"item_id": ["x", "y", "z"], "category": ["tea", None, "lamp"]})
    source = table([("a", "x")], item_table=items)
    dataset, report = preprocess(source, PreprocessingConfig(encode=("category",)))
    assert dataset.item_table is not None
    assert dataset.item_table["category"].to_list() == [1, None, 0]
    assert _step(report, "encode").statistics["item_table"] == {"category": ["lamp", "tea"]}


def test_a_column_to_encode_that_no_table_has_is_left_alone(table) -> None:
    dataset, _ = preprocess(table([("a", "x")]), PreprocessingConfig(encode=("colour",)))
    assert dataset.item_table is None


def test_order_by_time_numbers_users_as_they_came(table) -> None:
    rows = [("late", "x", "like", 9), ("early", "x", "like", 1)]
    dataset, _ = preprocess(table(rows), PreprocessingConfig(order="time"))
    assert dataset.user_ids.ids == ["early", "late"]


def test_the_step_that_left_nothing_is_named(table) -> None:
    with pytest.raises(EmptyDataError, match="core"):
        preprocess(table([("a", "x")]), PreprocessingConfig(min_item_events=2))


def test_the_report_can_be_written_as_json(table) -> None:
    config = PreprocessingConfig(min_item_events=1, scale_values="standard", outliers="clip")
    _, report = preprocess(_with_outlier(table), config)
    assert len(json.loads(json.dumps(report.to_dict()))["steps"]) == 5


def test_ties_and_tables_reach_the_dataset(table) -> None:
    ties = pl.DataFrame({"user_id": ["a"], "target_user_id": ["b"]})
    users = pl.DataFrame({"user_id": ["a"], "age": ["7"]})
    source = table([("a", "x"), ("b", "x")], ties=ties, user_table=users)
    dataset, _ = preprocess(source, PreprocessingConfig())
    assert dataset.ties is not None
    assert (dataset.ties.tolist(), dataset.user_table) == ([[0, 1]], users)


@pytest.mark.parametrize(
    "options", [{"outlier_quantiles": (0.9, 0.1)}, {"min_item_events": -1}, {"unknown": 1}]
)
def test_an_impossible_config_is_refused(options) -> None:
    with pytest.raises(ValidationError):
        PreprocessingConfig(**options)
