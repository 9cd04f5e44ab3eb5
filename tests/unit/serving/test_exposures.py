from coadapt.domain.queries import Person
from coadapt.serving.exposures import SLATES_A_PERSON, Exposure, Exposures
from coadapt.stores.base import PersonIds

ANNA = Person(user_id="anna")


def exposure(number: int, person: Person = ANNA) -> Exposure:
    return Exposure(f"r{number}", "shop", person, number, ("tea", f"i{number}"))


def filled(n_slates: int, capacity: int = 100) -> Exposures:
    exposures = Exposures(capacity)
    for number in range(n_slates):
        exposures.add(exposure(number))
    return exposures


def last_of(exposures: Exposures, project: str, person: Person, item_id: str) -> Exposure | None:
    return exposures.last_of(project, person, item_id, at=100, window_ms=1_000)


def test_the_newest_slate_with_the_item_is_found() -> None:
    last = last_of(filled(3), "shop", ANNA, "tea")
    assert last is not None
    assert last.recommendation_id == "r2"


def test_a_slate_that_came_later_hides_none_before() -> None:
    last = filled(5).last_of("shop", ANNA, "tea", at=3, window_ms=1)
    assert last is not None
    assert last.recommendation_id == "r3"


def test_a_slate_older_than_the_window_is_not_found() -> None:
    assert filled(1).last_of("shop", ANNA, "tea", at=3, window_ms=2) is None


def test_a_slate_is_found_under_either_id() -> None:
    exposures = Exposures()
    exposures.add(exposure(1, Person("anna", "device")))
    assert last_of(exposures, "shop", Person(anonymous_id="device"), "tea") is not None


def test_another_project_has_other_people() -> None:
    assert last_of(filled(1), "other", ANNA, "tea") is None


def test_only_the_newest_slates_are_remembered() -> None:
    exposures = filled(5, capacity=2)
    assert (len(exposures), exposures.find("r2")) == (2, None)


def test_a_persons_oldest_slates_are_not_searched() -> None:
    assert last_of(filled(SLATES_A_PERSON + 1), "shop", ANNA, "i0") is None


def test_an_erased_person_has_no_slates() -> None:
    exposures = filled(SLATES_A_PERSON + 10)
    exposures.forget("shop", PersonIds(frozenset({"anna"})))
    assert len(exposures) == 0


def test_a_persons_oldest_slates_are_not_kept() -> None:
    assert len(filled(SLATES_A_PERSON + 10)) == SLATES_A_PERSON


def shared_device() -> Exposures:
    """Show Anna a slate, then Ben many on the same device."""
    exposures = Exposures()
    exposures.add(exposure(0, Person("anna", "kiosk")))
    for number in range(1, SLATES_A_PERSON + 1):
        exposures.add(exposure(number, Person("ben", "kiosk")))
    return exposures


def test_a_slate_stays_its_users_on_a_device_that_others_use() -> None:
    exposures = shared_device()
    assert exposures.find("r0") is not None
    assert last_of(exposures, "shop", ANNA, "tea") is not None


def test_erasing_one_who_shared_a_device_leaves_the_others_slates() -> None:
    exposures = shared_device()
    exposures.forget("shop", PersonIds(frozenset({"anna"})))
    assert len(exposures) == SLATES_A_PERSON
    assert exposures.find("r0") is None
