from coadapt.domain.queries import Person
from coadapt.serving.exposures import SLATES_A_PERSON, Exposure, Exposures

ANNA = Person(user_id="anna")


def exposure(number: int, person: Person = ANNA) -> Exposure:
    return Exposure(f"r{number}", "shop", person, number, ("tea", f"i{number}"))


def filled(n_slates: int, capacity: int = 100) -> Exposures:
    exposures = Exposures(capacity)
    for number in range(n_slates):
        exposures.add(exposure(number))
    return exposures


def test_the_newest_slate_with_the_item_is_found() -> None:
    last = filled(3).last_of("shop", ANNA, "tea")
    assert last is not None
    assert last.recommendation_id == "r2"


def test_a_slate_is_found_under_either_id() -> None:
    exposures = Exposures()
    exposures.add(exposure(1, Person("anna", "device")))
    assert exposures.last_of("shop", Person(anonymous_id="device"), "tea") is not None


def test_another_project_has_other_people() -> None:
    assert filled(1).last_of("other", ANNA, "tea") is None


def test_only_the_newest_slates_are_remembered() -> None:
    exposures = filled(5, capacity=2)
    assert (len(exposures), exposures.find("r2")) == (2, None)


def test_a_persons_oldest_slates_are_not_searched() -> None:
    assert filled(SLATES_A_PERSON + 1).last_of("shop", ANNA, "i0") is None


def test_an_erased_person_has_no_slates() -> None:
    exposures = filled(3)
    exposures.forget("shop", frozenset({"anna"}))
    assert len(exposures) == 0
