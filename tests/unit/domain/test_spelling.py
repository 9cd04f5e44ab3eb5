"""A misspelt name finds the one that was meant."""

import pytest

from coadapt.domain.spelling import nearest, unknown_name

KNOWN = ("user_id", "count", "max_price")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("cout", "count"), ("userId", "user_id"), ("USER-ID", "user_id"), ("maxPrice", "max_price")],
)
def test_a_misspelt_name_is_recognised(name: str, meant: str) -> None:
    assert nearest(name, KNOWN) == meant


@pytest.mark.parametrize("name", ["policy", "", "名", "count" * 100_000])
def test_a_name_like_no_other_means_none(name: str) -> None:
    assert nearest(name, KNOWN) is None


def test_the_way_out_is_the_name_that_was_meant_or_all_there_are() -> None:
    assert unknown_name("cout", KNOWN) == "is not known; did you mean count?"
    assert unknown_name("zzz", KNOWN) == "is not known; there are user_id, count, max_price"
