"""`coadapt compare` tells whether one run is really better than another."""

from __future__ import annotations

from pathlib import Path

import pytest

from coadapt.domain.errors import CoadaptError, InvalidInputError, NotFoundError


@pytest.fixture
def compared(trained, runs: Path, call_json):
    """Return how item_knn differs from popularity, as --json prints it."""
    return call_json("compare", trained["popularity"], trained["item_knn"], "--runs", runs)


def test_json_holds_the_differences_by_run(compared, trained) -> None:
    assert list(compared) == [trained["item_knn"]]
    assert {each["metric"] for each in compared[trained["item_knn"]]} >= {"ndcg@5"}


def test_a_difference_is_the_second_minus_the_first_within_its_bounds(compared, trained) -> None:
    differences = compared[trained["item_knn"]]
    assert all(
        each["difference"] == pytest.approx(each["second"] - each["first"]) for each in differences
    )
    assert all(each["low"] <= each["difference"] <= each["high"] for each in differences)


def test_correcting_never_makes_a_difference_more_certain(compared, trained) -> None:
    differences = compared[trained["item_knn"]]
    assert all(0 < each["p_sign_flip"] <= each["p_holm"] <= 1 for each in differences)


def test_one_metric_alone_needs_no_correction(trained, runs: Path, call_json) -> None:
    pair = (trained["popularity"], trained["item_knn"])
    (found,) = call_json("compare", *pair, "--runs", runs, "--metric", "ndcg@5").values()
    assert [each["metric"] for each in found] == ["ndcg@5"]
    assert found[0]["p_sign_flip"] == found[0]["p_holm"]


def test_a_run_does_not_differ_from_itself(trained, runs: Path, call_json) -> None:
    run = trained["item_knn"]
    (found,) = call_json("compare", run, run, "--runs", runs).values()
    assert {each["difference"] for each in found} == {0.0}
    assert {each["p_sign_flip"] for each in found} == {1.0}


def test_people_are_told_who_is_compared_with_whom(trained, runs: Path, call) -> None:
    printed = call("compare", "latest:popularity", "latest:item_knn", "--runs", runs).stdout
    assert trained["item_knn"] in printed
    assert f"against {trained['popularity']}" in printed
    assert "users, paired; p by sign flips, corrected over metrics." in printed


def test_one_run_alone_is_refused(trained, runs: Path, call) -> None:
    error = call("compare", trained["item_knn"], "--runs", runs).exception
    assert isinstance(error, InvalidInputError)
    assert (error.message, error.field) == ("name at least two runs to compare", "run")


def test_an_unknown_run_is_refused(trained, runs: Path, call) -> None:
    error = call("compare", trained["item_knn"], "no-such", "--runs", runs).exception
    assert isinstance(error, NotFoundError)


def test_an_unknown_metric_is_told_with_those_there_are(trained, runs: Path, call) -> None:
    pair = (trained["popularity"], trained["item_knn"])
    error = call("compare", *pair, "--runs", runs, "--metric", "beauty@5").exception
    assert isinstance(error, CoadaptError)
    assert "ndcg@5" in error.message
