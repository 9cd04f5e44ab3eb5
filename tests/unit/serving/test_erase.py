import asyncio
from collections.abc import Callable

from coadapt.domain.parsing import Arrival
from coadapt.domain.queries import Person
from coadapt.domain.slates import Slate
from coadapt.serving.describe import put_items, put_user
from coadapt.serving.erase import erase
from coadapt.serving.ingest import Receipt
from coadapt.serving.loop import Loop

Send = Callable[..., Receipt]

ANNA = Person(user_id="anna")
VIEW = {"type": "page_view", "item_id": "tea"}


def n_known(loop: Loop, person: Person) -> int:
    return len(loop.features.past("default", person, as_of=2**60).items)


def test_an_erased_person_has_no_past(loop: Loop, send: Send) -> None:
    send(VIEW | {"user_id": "anna"}, VIEW | {"user_id": "ben"})
    assert asyncio.run(erase(loop, "default", ANNA)).events == 1
    assert n_known(loop, ANNA) == 0
    assert n_known(loop, Person(user_id="ben")) == 1


def test_every_id_of_a_person_is_erased(loop: Loop, send: Send) -> None:
    send(VIEW | {"anonymous_id": "device"}, VIEW | {"user_id": "anna", "anonymous_id": "device"})
    assert asyncio.run(erase(loop, "default", ANNA)).events == 2
    assert send(VIEW | {"anonymous_id": "device"}).rejected[0].code == "erased"


def test_slates_of_an_erased_person_are_forgotten(
    loop: Loop, send: Send, ask: Callable[..., Slate]
) -> None:
    send(VIEW | {"user_id": "ben"})
    slate = ask("anna")
    assert loop.learner.exposures.find(slate.recommendation_id) is not None
    asyncio.run(erase(loop, "default", ANNA))
    assert loop.learner.exposures.find(slate.recommendation_id) is None


def test_slates_of_a_visitor_on_a_shared_device_are_forgotten(
    loop: Loop, send: Send, ask: Callable[..., Slate]
) -> None:
    send(*(VIEW | {"user_id": name, "anonymous_id": "kiosk"} for name in ("anna", "ben")))
    kiosk = Person(anonymous_id="kiosk")
    theirs, annas = ask(person=kiosk), ask(person=Person("anna", "kiosk"))
    asyncio.run(erase(loop, "default", kiosk))
    assert loop.learner.exposures.find(theirs.recommendation_id) is None
    assert loop.learner.exposures.find(annas.recommendation_id) is not None


def test_what_an_erased_person_did_on_a_shared_device_becomes_nobody_elses(
    loop: Loop, send: Send
) -> None:
    send(*(VIEW | {"user_id": name, "anonymous_id": "kiosk"} for name in ("anna", "ben")))
    send(VIEW | {"anonymous_id": "kiosk"})
    asyncio.run(erase(loop, "default", Person(user_id="ben")))
    assert n_known(loop, ANNA) == 1


def test_a_shared_device_is_then_that_of_who_is_left(loop: Loop, send: Send) -> None:
    send(*(VIEW | {"user_id": name, "anonymous_id": "kiosk"} for name in ("anna", "ben")))
    asyncio.run(erase(loop, "default", Person(user_id="ben")))
    send(VIEW | {"anonymous_id": "kiosk"})
    assert n_known(loop, ANNA) == 2


def test_an_erasure_in_one_project_leaves_the_others(loop: Loop, send: Send) -> None:
    send(VIEW | {"user_id": "anna"})
    asyncio.run(erase(loop, "other", ANNA))
    assert n_known(loop, ANNA) == 1


def test_others_on_the_same_device_stay(loop: Loop, send: Send) -> None:
    send(*(VIEW | {"user_id": name, "anonymous_id": "kiosk"} for name in ("anna", "ben")))
    assert asyncio.run(erase(loop, "default", ANNA)).events == 1
    assert n_known(loop, Person(user_id="ben")) == 1
    assert send(VIEW | {"user_id": "ben", "anonymous_id": "kiosk"}).accepted == 1


def test_a_visitor_of_the_same_name_stays(loop: Loop, send: Send) -> None:
    send(VIEW | {"user_id": "anna"}, VIEW | {"anonymous_id": "anna"})
    asyncio.run(erase(loop, "default", ANNA))
    assert n_known(loop, Person(anonymous_id="anna")) == 1
    asyncio.run(erase(loop, "default", Person(anonymous_id="anna")))
    assert n_known(loop, Person(anonymous_id="anna")) == 0


def test_a_later_follow_of_an_erased_person_is_not_folded(loop: Loop, send: Send) -> None:
    asyncio.run(erase(loop, "default", ANNA))
    send({"type": "follow", "user_id": "ben", "target_user_id": "anna"})
    ben = loop.features.profile("default", Person(user_id="ben"), as_of=2**60)
    assert ben is not None
    assert ben.follows == ()


def test_what_others_said_of_an_erased_person_is_gone_from_state_too(
    loop: Loop, send: Send
) -> None:
    arrival = Arrival(1, loop.new_id)
    said = {"properties": {"anna-4711": 1, "likes": "anna-4711", "age": 3}, "follows": ["eve"]}
    asyncio.run(put_items(loop, [("tea", {"title": "Tea of anna-4711"})], arrival))
    asyncio.run(put_user(loop, Person(user_id="ben"), said, arrival))
    asyncio.run(erase(loop, "default", Person(user_id="anna-4711")))
    assert loop.features.item("default", "tea", as_of=2) == {"title": "Tea of "}
    ben = loop.features.profile("default", Person(user_id="ben"), as_of=2)
    assert ben is not None
    assert (ben.properties, ben.follows) == ({"likes": None, "age": 3}, ("eve",))
