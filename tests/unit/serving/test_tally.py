"""Counts add up, whoever adds."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from coadapt.serving.tally import Tally

ADDED = st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 9))


def tallied(added: list[tuple[str, str, int]]) -> Tally:
    tally = Tally()
    for name, project, n_more in added:
        tally.add(name, project, n_more=n_more)
    return tally


def test_nothing_was_counted_at_first() -> None:
    assert Tally().counts() == {}


def test_name_project_and_label_are_counted_apart() -> None:
    tally = Tally()
    tally.add("events", "shop", "accepted", 2)
    tally.add("events", "shop", "rejected")
    tally.add("events", "other", "accepted")
    tally.add("erasures", "shop")
    assert list(tally.counts().values()) == [2, 1, 1, 1]
    assert tally.counts()["erasures", "shop", ""] == 1


@given(st.lists(ADDED))
def test_the_sum_of_all_counts_is_the_sum_of_what_was_added(
    added: list[tuple[str, str, int]],
) -> None:
    assert sum(tallied(added).counts().values()) == sum(n_more for *_, n_more in added)


def test_no_thread_overwrites_what_another_added() -> None:
    tally = Tally()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: [tally.add("a", "b") for _ in range(500)], range(8)))
    assert tally.counts() == {("a", "b", ""): 4_000}


def test_counts_that_were_read_stay_as_they_were() -> None:
    tally = Tally()
    tally.add("a", "b")
    before = tally.counts()
    tally.add("a", "b")
    assert before == {("a", "b", ""): 1}
