import asyncio
from collections.abc import Callable

from coadapt.domain.queries import Person
from coadapt.domain.slates import Slate
from coadapt.serving.erase import erase
from coadapt.serving.ingest import Receipt
from coadapt.serving.loop import Loop

Send = Callable[..., Receipt]

VIEW = {"type": "page_view", "item_id": "tea"}


def n_known(loop: Loop, person: Person) -> int:
    return len(loop.features.past("default", person, as_of=2**60).items)


def test_an_erased_person_has_no_past(loop: Loop, send: Send) -> None:
    send(VIEW | {"user_id": "anna"}, VIEW | {"user_id": "ben"})
    assert asyncio.run(erase(loop, "default", "anna")).events == 1
    assert n_known(loop, Person(user_id="anna")) == 0
    assert n_known(loop, Person(user_id="ben")) == 1


def test_every_id_of_a_person_is_erased(loop: Loop, send: Send) -> None:
    send(VIEW | {"anonymous_id": "device"}, VIEW | {"user_id": "anna", "anonymous_id": "device"})
    assert asyncio.run(erase(loop, "default", "anna")).events == 2
    assert send(VIEW | {"anonymous_id": "device"}).rejected[0].code == "erased"


def test_slates_of_an_erased_person_are_forgotten(
    loop: Loop, send: Send, ask: Callable[..., Slate]
) -> None:
    send(VIEW | {"user_id": "ben"})
    slate = ask("anna")
    assert loop.learner.exposures.find(slate.recommendation_id) is not None
    asyncio.run(erase(loop, "default", "anna"))
    assert loop.learner.exposures.find(slate.recommendation_id) is None


def test_an_erasure_in_one_project_leaves_the_others(loop: Loop, send: Send) -> None:
    send(VIEW | {"user_id": "anna"})
    asyncio.run(erase(loop, "other", "anna"))
    assert n_known(loop, Person(user_id="anna")) == 1
