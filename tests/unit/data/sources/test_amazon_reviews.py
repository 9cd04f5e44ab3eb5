from __future__ import annotations

import json

import pytest

from coadapt.data.sources.base import detect_source, make_source
from coadapt.domain.errors import DataError

OLD = {
    "reviewerID": "A2",
    "asin": "1384719342",
    "reviewerName": "Somebody",
    "helpful": [13, 14],
    "reviewText": "Good.",
    "overall": 5.0,
    "summary": "good",
    "unixReviewTime": 1393545600,
    "reviewTime": "02 28, 2014",
}
NEW = {
    "overall": 4.0,
    "vote": "1,234",
    "verified": True,
    "reviewTime": "09 1, 2016",
    "reviewerID": "A3",
    "asin": "B0000530HU",
}


def _lines(*reviews) -> str:
    return "".join(json.dumps(review) + "\n" for review in reviews)


@pytest.mark.parametrize("review", [OLD, NEW])
def test_both_forms_are_known(write, review) -> None:
    assert detect_source(write("reviews.json.gz", _lines(review)).parent) == "amazon_reviews"


def test_a_review_is_a_rate_event_with_its_value(read) -> None:
    events = read("amazon_reviews", "r.json", _lines(OLD)).events.drop("line")
    assert events.rows() == [("A2", "1384719342", "rate", 1393545600000, 5.0, None, 13)]


def test_a_review_of_2018_keeps_its_marks(read) -> None:
    events = read("amazon_reviews", "r.json", _lines(NEW)).events
    assert events.select("is_verified", "n_helpful_votes").rows() == [(True, 1234)]


def test_a_review_without_unix_time_is_dated_by_its_day(read) -> None:
    events = read("amazon_reviews", "r.json", _lines(NEW)).events
    assert events["timestamp"].to_list() == [1472688000000]


def test_text_is_kept_only_if_asked_for(read) -> None:
    plain = read("amazon_reviews", "r.json", _lines(OLD))
    full = read("amazon_reviews", "r.json", _lines(OLD), keep_text=True)
    assert "text" not in plain.events.columns
    assert full.events.select("summary", "text").rows() == [("good", "Good.")]


def test_a_display_name_is_never_read(read) -> None:
    table = read("amazon_reviews", "r.json", _lines(OLD), keep_text=True)
    assert "Somebody" not in str(table.events.rows())


def test_a_line_that_is_not_json_makes_a_bad_row(read) -> None:
    table = read("amazon_reviews", "r.json", _lines(OLD) + "{cut of\n" + _lines(NEW))
    assert table.bad_rows["line"].to_list() == [2]
    assert table.events["line"].to_list() == [1, 3]


def test_a_folder_of_two_files_asks_for_one(write) -> None:
    write("a.json", _lines(OLD))
    folder = write("b.json", _lines(NEW)).parent
    with pytest.raises(DataError, match="name the file"):
        make_source("amazon_reviews").read(folder)
