from __future__ import annotations

import json

import polars as pl

from coadapt.data.validation import validate


def _bad(n_rows: int) -> pl.DataFrame:
    lines = list(range(1, n_rows + 1))
    return pl.DataFrame({"file": "f.csv", "line": lines, "reason": "no user id"})


def test_it_counts_rows_users_and_items(table) -> None:
    report = validate(table([("a", "x"), ("a", "y"), ("b", "x")]))
    assert (report.n_events, report.n_users, report.n_items) == (3, 2, 2)


def test_types_are_counted_the_most_frequent_first(table) -> None:
    report = validate(table([("a", "x", "like"), ("a", "x", "share"), ("b", "x", "share")]))
    counts = [(name, each.n_events) for name, each in report.types.items()]
    assert counts == [("share", 2), ("like", 1)]


def test_the_time_span_is_that_of_the_events(table) -> None:
    report = validate(table([("a", "x", "like", 5), ("a", "x", "like", 9)]))
    assert (report.first_time_ms, report.last_time_ms) == (5, 9)


def test_data_without_times_has_no_time_span(table) -> None:
    report = validate(table([("a", "x", "play", 5)], has_times=False))
    assert (report.first_time_ms, report.last_time_ms) == (None, None)


def test_a_repeated_event_is_a_duplicate_and_its_line_is_named(table) -> None:
    rows = [("a", "x", "like", 1), ("a", "x", "like", 2), ("a", "x", "like", 1)]
    report = validate(table(rows))
    assert (report.n_duplicates, report.first_duplicate_line) == (1, 3)


def test_time_that_runs_backward_for_a_user_is_out_of_order(table) -> None:
    rows = [("a", "x", "like", 5), ("b", "x", "like", 1), ("a", "y", "like", 4)]
    report = validate(table(rows))
    assert (report.n_out_of_order, report.first_out_of_order_line) == (1, 3)


def test_missing_parts_are_counted_by_column(table) -> None:
    report = validate(table([("a", None, "like", 1, 2.0), ("a", "x")]))
    assert report.missing == {"user_id": 0, "item_id": 1, "type": 0, "timestamp": 0, "value": 1}


def test_a_value_far_from_the_median_is_an_outlier_of_its_type(table) -> None:
    values = [1.0, 2.0, 3.0, 4.0, 1000.0]
    report = validate(table([("a", "x", "purchase", n, v) for n, v in enumerate(values)]))
    purchase = report.types["purchase"]
    assert (purchase.n_outliers, purchase.first_outlier_line) == (1, 5)


def test_values_are_summarised_by_type(table) -> None:
    rows = [("a", "x", "rate", n, value) for n, value in enumerate([1.0, 2.0, 9.0, None])]
    rate = validate(table(rows)).types["rate"]
    assert (rate.n_with_value, rate.value_min, rate.value_median, rate.value_max) == (3, 1, 2, 9)


def test_a_type_without_values_has_no_figures(table) -> None:
    like = validate(table([("a", "x", "like")])).types["like"]
    assert (like.n_with_value, like.value_median, like.n_outliers) == (0, None, 0)


def test_quantiles_are_of_events_a_user_and_an_item(table) -> None:
    report = validate(table([("a", "x"), ("a", "y"), ("a", "z"), ("b", "x")]))
    assert (report.events_a_user["max"], report.events_an_item["min"]) == (3, 1)


def test_density_is_the_share_of_pairs_that_met(table) -> None:
    assert validate(table([("a", "x"), ("a", "x"), ("b", "y")])).density == 0.5


def test_bad_rows_are_counted_by_reason_and_the_first_ones_named(table) -> None:
    report = validate(table([("a", "x")], bad_rows=_bad(30)))
    assert (report.n_bad_rows, report.bad_rows_by_reason) == (30, {"no user id": 30})
    assert [row.line for row in report.first_bad_rows] == list(range(1, 21))


def test_ties_and_descriptions_are_counted(table) -> None:
    ties = pl.DataFrame({"user_id": ["a"], "target_user_id": ["b"]})
    items = pl.DataFrame({"item_id": ["x", "y"]})
    report = validate(table([("a", "x")], ties=ties, item_table=items))
    assert (report.n_ties, report.n_described_items, report.n_described_users) == (1, 2, 0)


def test_the_report_can_be_written_as_json(table) -> None:
    report = validate(table([("a", "x")], bad_rows=_bad(1)))
    assert json.loads(json.dumps(report.to_dict()))["first_bad_rows"][0]["line"] == 1


def test_events_of_the_same_time_are_in_order(table) -> None:
    assert validate(table([("a", "x", "like", 5), ("a", "y", "like", 5)])).n_out_of_order == 0
