"""People get rows, and rows go round."""

import numpy as np
import pytest

from coadapt.data.batches import IntArray
from coadapt.serving.value_rows import Roster


def people(*numbers: int) -> IntArray:
    return np.array(numbers, np.int64)


@pytest.fixture
def roster() -> Roster:
    roster = Roster()
    roster.note(roster.add(people(7, 3, 7)), people(1, 2, 3))
    return roster


def test_a_person_keeps_the_row_they_got(roster: Roster) -> None:
    before = roster.rows(people(7, 3))
    roster.add(people(100, 7))
    assert roster.rows(people(7, 3)).tolist() == before.tolist()
    assert (len(roster), roster.rows(people(5, -1)).tolist()) == (3, [-1, -1])


def test_a_row_that_was_given_back_is_anothers(roster: Roster) -> None:
    row = roster.rows(people(3))
    roster.give_back(row)
    assert roster.rows(people(3)).tolist() == [-1]
    assert roster.add(people(8)).tolist() == row.tolist()
    assert roster.n_rows == 2


def test_who_is_silent_longest_goes_first(roster: Roster) -> None:
    assert roster.longest_silent(1, but=[]).tolist() == roster.rows(people(3)).tolist()
    assert roster.longest_silent(1, but=[3]).tolist() == roster.rows(people(7)).tolist()


def test_lent_rows_are_nobodys(roster: Roster) -> None:
    lent = roster.lend(2)
    assert (len(roster), roster.n_rows) == (4, 4)
    roster.give_back(lent)
    assert (len(roster), roster.longest_silent(9, but=[]).size) == (2, 2)


def test_columns_name_nobody_and_bring_everybody_back(roster: Roster) -> None:
    columns = roster.columns()
    assert (columns["newest"].tolist(), columns["counts"].tolist()) == ([2, 3], [1, 2])
    again = Roster()
    again.restore(columns, people(-1, 7))
    assert (len(again), again.rows(people(7)).tolist()) == (1, [1])
    assert again.add(people(3)).tolist() == [0]
