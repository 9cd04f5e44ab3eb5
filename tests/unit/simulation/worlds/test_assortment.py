"""The assortment is regular enough to be numbered: as many things in every department."""

from collections import Counter

import pytest

from coadapt.simulation.worlds._assortment import ASSORTMENT, NAMES, VARIANTS

THINGS = {department: things.split(", ") for department, (_, things) in ASSORTMENT.items()}
ALL_THINGS = [thing for things in THINGS.values() for thing in things]


def test_every_department_has_as_many_things() -> None:
    assert {len(things) for things in THINGS.values()} == {8}


def test_nothing_is_sold_in_two_departments() -> None:
    assert [thing for thing, n in Counter(ALL_THINGS).items() if n > 1] == []


@pytest.mark.parametrize("name", [*ALL_THINGS, *THINGS, *VARIANTS, *NAMES.split()])
def test_names_are_clean_words(name: str) -> None:
    assert name.replace(" ", "").replace("-", "").isalpha()
    assert name == " ".join(name.split())


def test_titles_become_different_ids() -> None:
    titles = [f"{variant} {thing}" for thing in ALL_THINGS for variant in VARIANTS]
    assert len({title.lower().replace(" ", "-") for title in titles}) == len(titles)


def test_everything_has_a_price() -> None:
    assert all(usual > 1 for usual, _ in ASSORTMENT.values())


def test_no_two_shoppers_have_the_same_name() -> None:
    assert len(set(NAMES.split())) == len(NAMES.split())
