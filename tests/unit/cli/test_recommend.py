"""`coadapt recommend` prints what a run would show a user, or after a history."""

from __future__ import annotations

from pathlib import Path

import pytest

from coadapt.domain.errors import InvalidInputError, NotFoundError


@pytest.fixture
def ask(trained, runs: Path, call_json):
    """Ask the run of item_knn and return the items of its answer."""

    def ask(*arguments: object) -> list[dict[str, object]]:
        return call_json("recommend", trained["item_knn"], "--runs", runs, *arguments)["items"]

    return ask


@pytest.fixture
def refusal(trained, runs: Path, call):
    """Ask the run of item_knn and return the error."""
    return lambda *rest: call("recommend", trained["item_knn"], "--runs", runs, *rest).exception


def test_a_history_gets_as_many_items_as_asked_best_first(ask) -> None:
    items = ask("--history", "i1,i2", "--count", 4)
    scores = [item["score"] for item in items]
    assert [item["position"] for item in items] == [1, 2, 3, 4]
    assert scores == sorted(scores, reverse=True)


def test_what_is_in_the_history_is_not_recommended(ask) -> None:
    ids = [item["item_id"] for item in ask("--history", "i1,i2", "--count", 1000)]
    assert len(ids) == len(set(ids)) == 28
    assert not {"i1", "i2"} & set(ids)


def test_unknown_items_of_a_history_are_looked_past(ask) -> None:
    assert ask("--history", "i1,no-such,,i2") == ask("--history", "i1,i2")


def test_an_empty_history_gets_what_is_popular(ask, trained, runs: Path, call_json) -> None:
    popular = call_json("recommend", trained["popularity"], "--runs", runs, "--history", "")
    ids = [
        [item["item_id"] for item in items] for items in (ask("--history", ""), popular["items"])
    ]
    assert ids[0] == ids[1]


def test_a_user_is_answered_from_the_runs_own_data(ask) -> None:
    assert len(ask("--user", "u1")) == 10
    assert ask("--user", "u1") != ask("--user", "u2")


def test_people_see_titles_where_the_data_has_them(trained, runs: Path, call) -> None:
    printed = call("recommend", trained["item_knn"], "--runs", runs, "--user", "u1").stdout
    assert trained["item_knn"] in printed
    assert any(word in printed for word in ("tea", "lamp", "scarf", "bowl"))


def test_a_history_of_nothing_known_is_not_found(refusal) -> None:
    error = refusal("--history", "nothing,known")
    assert isinstance(error, NotFoundError)
    assert (error.message, error.field) == ("the run knows none of these items", "history")


def test_a_user_of_no_data_is_not_found_and_not_repeated(refusal) -> None:
    error = refusal("--user", "somebody")
    assert isinstance(error, NotFoundError)
    assert "somebody" not in error.message


@pytest.mark.parametrize("arguments", [[], ["--user", "u1", "--history", "i1"]])
def test_either_a_user_or_a_history_is_needed(refusal, arguments) -> None:
    error = refusal(*arguments)
    assert isinstance(error, InvalidInputError)
    assert error.message == "give either --user or --history"


@pytest.mark.parametrize("count", [0, 1001, "many"])
def test_an_impossible_count_is_refused(trained, runs: Path, call, count) -> None:
    arguments = ("--runs", runs, "--history", "i1", "--count", count)
    assert call("recommend", trained["item_knn"], *arguments).exit_code == 2
