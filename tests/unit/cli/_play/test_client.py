"""The shop's client speaks HTTP, counts what happens, and never falls over a failed answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import httpx
import pytest

from coadapt.cli._play.client import BATCH, ShopClient
from coadapt.cli._play.gauges import Gauges
from coadapt.domain.errors import OverloadedError

Handler = Callable[[httpx.Request], httpx.Response]
Use = Callable[[ShopClient], Awaitable[Any]]


@pytest.fixture
def using(monkeypatch: pytest.MonkeyPatch) -> Callable[[Handler, Use], tuple[Any, Gauges]]:
    """Return a function that uses a client whose requests a handler answers."""

    def using(handler: Handler, use: Use) -> tuple[Any, Gauges]:
        transport = httpx.MockTransport(handler)
        monkeypatch.setattr(httpx, "AsyncClient", partial(httpx.AsyncClient, transport=transport))
        gauges = Gauges(started_s=0.0)

        async def run() -> Any:
            async with ShopClient("http://shop", gauges) as client:
                return await use(client)

        return asyncio.run(run()), gauges

    return using


def _always(status: int, body: Any = None) -> Handler:
    return lambda request: httpx.Response(status, json=body)


def test_a_slate_is_counted_and_timed(using) -> None:
    slate = {"items": [{"item_id": "tea"}]}
    answer, gauges = using(_always(200, slate), lambda c: c.recommend({"user_id": "mia"}, 3))
    assert answer == slate
    assert (gauges.n_recommendations, len(gauges.latencies_ms), gauges.n_errors) == (1, 1, 0)


def test_a_question_names_person_count_and_project(using) -> None:
    asked: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    using(note, lambda c: c.recommend({"user_id": "mia"}, 3, "still"))
    assert str(asked[0].url) == "http://shop/v1/recommend?project=still"
    assert json.loads(asked[0].content) == {"user_id": "mia", "count": 3, "surface": "home"}


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_a_refusal_is_no_answer_and_an_error(using, status) -> None:
    answer, gauges = using(_always(status, {}), lambda c: c.recommend({}, 3))
    assert answer is None
    assert (gauges.n_recommendations, gauges.n_errors) == (0, 1)


def test_a_line_that_breaks_is_no_answer_and_an_error(using) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("too slow", request=request)

    answer, gauges = using(fail, lambda c: c.trending(3))
    assert (answer, gauges.n_errors) == ([], 1)


def test_accepted_and_refused_events_are_counted_apart(using) -> None:
    receipt = {"accepted": 7, "rejected": [{}, {}]}
    _, gauges = using(_always(200, receipt), lambda c: c.send([{"type": "like"}] * 9))
    assert (gauges.n_events, gauges.n_errors) == (7, 2)


def test_what_is_popular_comes_as_ids(using) -> None:
    answer = {"items": [{"item_id": "tea"}, {"item_id": "🎉"}]}
    assert using(_always(200, answer), lambda c: c.trending(2))[0] == ["tea", "🎉"]


def test_a_large_catalogue_goes_in_parts(using) -> None:
    sizes: list[int] = []

    def note(request: httpx.Request) -> httpx.Response:
        sizes.append(len(json.loads(request.content)["items"]))
        return httpx.Response(200, json={})

    using(note, lambda c: c.put_items([{"item_id": f"{n}"} for n in range(BATCH + 5)]))
    assert sizes == [BATCH, 5]


def test_an_empty_catalogue_asks_nothing(using) -> None:
    _, gauges = using(_always(500), lambda c: c.put_items([]))
    assert gauges.n_errors == 0


def test_it_waits_until_the_service_is_ready(using) -> None:
    answers = iter([{"status": "starting"}, {"status": "ready"}])
    using(lambda _: httpx.Response(200, json=next(answers)), lambda c: c.wait_until_ready())
    assert list(answers) == []


def test_a_service_that_is_never_ready_is_given_up(using, monkeypatch) -> None:
    monkeypatch.setattr("coadapt.cli._play.client.READY_LIMIT_S", 0.05)
    with pytest.raises(OverloadedError, match="does not become ready"):
        using(_always(503), lambda c: c.wait_until_ready())
