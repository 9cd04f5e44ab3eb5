"""The service tells how it is doing."""

from typing import Any

import pytest

from coadapt.domain.errors import StoreFullError
from coadapt.serving.loop import Loop

VIEW = {"type": "page_view", "user_id": "anna", "item_id": "tea"}


def test_a_process_that_answers_is_live_even_when_degraded(client: Any, loop: Loop) -> None:
    loop.live.fail("default", "invalid_run")
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


def test_readiness_tells_how_far_the_state_is(client: Any) -> None:
    client.post("/v1/events", json=VIEW)
    assert client.get("/health/ready").json() == {
        "status": "ready",
        "store": "ok",
        "degraded_projects": 0,
        "faults": {},
        "state_is_level": True,
        "log_position": 1,
        "unscrubbed_erasures": 0,
        "value": {"users": 0, "bytes_per_user": 0.0},
    }


def test_state_that_cannot_follow_the_log_is_told(
    client: Any, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop.features, "update", None)
    told = client.post("/v1/events", json=VIEW)
    assert (told.status_code, told.json()["code"]) == (500, "stored_not_folded")
    assert "retry-after" not in told.headers
    answer = client.get("/health/ready").json()
    assert (answer["status"], answer["state_is_level"]) == ("degraded", False)


def test_a_service_whose_log_another_has_answers_nothing_more(client: Any, loop: Loop) -> None:
    loop.store.claim()
    loop.store._writer.claim = 0
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")
    assert ready.json()["store"] == "store_lost"
    answer = client.get("/v1/users/anna")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_lost")
    assert client.get("/health/live").status_code == 503


def test_a_log_that_cannot_be_written_is_told(
    client: Any, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop.store._writer, "fault", StoreFullError("the disk is full"))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["store"] == "storage_full"


def test_without_keys_what_is_degraded_is_named(client: Any, loop: Loop) -> None:
    loop.live.fail("shop", "invalid_run")
    assert client.get("/health/ready").json()["faults"] == {"shop": "invalid_run"}


def test_a_degraded_service_names_no_project_to_those_without_a_key(keyed: Any, loop: Loop) -> None:
    loop.live.fail("secret-shop", "invalid_run")
    answer = keyed.get("/health/ready")
    assert answer.json()["degraded_projects"] == 1
    assert "secret-shop" not in answer.text


def test_health_is_the_same_for_every_project(client: Any) -> None:
    assert client.get("/health/ready?project=none").json()["status"] == "ready"


def test_metrics_are_plain_text_of_a_stated_version(client: Any) -> None:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.text.endswith("\n")


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_can_be_asked_by_its_head(client: Any, path: str) -> None:
    assert client.request("HEAD", path).status_code == 200


def test_a_key_sees_the_counts_of_its_own_project(keyed: Any, loop: Loop) -> None:
    loop.tally.add("events", "shop", "accepted")
    loop.tally.add("events", "other", "accepted")
    text = keyed.get("/metrics", headers={"x-api-key": "shop-read-0123456789"}).text
    assert 'project="shop"' in text
    assert 'project="other"' not in text


def test_without_keys_every_count_is_seen(client: Any, loop: Loop) -> None:
    loop.tally.add("events", "other", "accepted")
    assert 'project="other"' in client.get("/metrics").text
