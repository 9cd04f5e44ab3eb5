"""Who was erased is remembered by a hash that says nothing of them."""

from hypothesis import given
from hypothesis import strategies as st

from coadapt.stores._tombstones import Tombstones

SALT, OTHER_SALT = "ab" * 32, "cd" * 32
ANY_TEXT = st.text(st.characters(exclude_categories=[]))


def _erased(project: str, identifier: str) -> Tombstones:
    stones = Tombstones(SALT)
    stones.add([(1, stones.hash(project, identifier))])
    return stones


def test_nobody_is_erased_at_first() -> None:
    stones = Tombstones(SALT)
    assert not stones.holds("default", ["ann", None])
    assert (len(stones), stones.last_number) == (0, 0)


@given(ANY_TEXT, ANY_TEXT)
def test_whoever_was_erased_is_known(project: str, identifier: str) -> None:
    assert _erased(project, identifier).holds(project, [None, identifier])


@given(ANY_TEXT, ANY_TEXT)
def test_nobody_else_is_taken_for_them(erased: str, other: str) -> None:
    assert _erased("default", erased).holds("default", [other]) == (erased == other)


def test_another_project_knows_nothing_of_it() -> None:
    assert not _erased("shop", "ann").holds("blog", ["ann"])


def test_a_project_and_an_id_cannot_be_cut_elsewhere() -> None:
    assert not _erased("ab", "c").holds("a", ["bc"])
    assert not _erased("1", "1:x").holds("11", [":x"])


def test_the_hash_holds_neither_name_nor_length() -> None:
    stones = Tombstones(SALT)
    hashes = [stones.hash("default", identifier) for identifier in ("ann", "a" * 5_000)]
    assert "ann" not in hashes[0]
    assert {len(text) for text in hashes} == {40}


def test_another_installation_has_other_hashes() -> None:
    first, second = (Tombstones(salt).hash("default", "ann") for salt in (SALT, OTHER_SALT))
    assert first != second


def test_somebody_who_was_never_named_is_not_erased() -> None:
    assert not _erased("default", "ann").holds("default", [None, None])


def test_one_who_lags_behind_another_process_notices() -> None:
    stones = _erased("default", "ann")
    assert stones.is_behind(2)
    assert not stones.is_behind(1)


def test_the_last_number_is_where_to_read_on() -> None:
    stones = Tombstones(SALT)
    stones.add([(3, "x"), (8, "y")])
    assert (stones.last_number, len(stones)) == (8, 2)
