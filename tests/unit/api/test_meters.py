"""What is measured can be read by Prometheus."""

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from coadapt.api.meters import Meters
from coadapt.serving.loop import Loop


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def sample(text: str, name: str, **labels: str) -> float | None:
    return samples(text).get((name, frozenset(labels.items())))


def routes_of(client: Any) -> set[str]:
    found = samples(client.get("/metrics").text)
    return {value for _, labels in found for key, value in labels if key == "route"}


@pytest.mark.parametrize("project", ['a "b"', "a\\b", "名 🛍️", "a=b,c}"])
def test_any_project_can_be_a_label(loop: Loop, project: str) -> None:
    loop.tally.add("events", project, "accepted", 3)
    text = Meters(loop).text().decode()
    assert sample(text, "coadapt_events_total", project=project, label="accepted") == 3


def test_counts_of_one_name_are_one_family(loop: Loop) -> None:
    loop.tally.add("erasures", "a")
    loop.tally.add("erasures", "b")
    assert Meters(loop).text().count(b"# TYPE coadapt_erasures_total counter") == 1


def test_a_time_is_counted_in_its_bucket(loop: Loop) -> None:
    meters = Meters(loop)
    meters.observe("/v1/events", 200, 0.004)
    parts = {"route": "/v1/events", "status": "200"}
    text = meters.text().decode()
    assert sample(text, "coadapt_request_seconds_bucket", **parts, le="0.005") == 1
    assert sample(text, "coadapt_request_seconds_bucket", **parts, le="0.0025") == 0


def test_gauges_follow_the_loop(loop: Loop) -> None:
    meters = Meters(loop)
    assert sample(meters.text().decode(), "coadapt_degraded_projects") == 0
    loop.live.fail("a", "broken")
    assert sample(meters.text().decode(), "coadapt_degraded_projects") == 1


def test_the_position_of_the_state_is_told(client: Any) -> None:
    client.post("/v1/events", json={"type": "a", "user_id": "u"})
    assert sample(client.get("/metrics").text, "coadapt_log_position") == 1


def test_ids_in_paths_make_no_series_of_their_own(client: Any) -> None:
    client.get("/v1/users/anna")
    client.get("/v1/users/ben")
    client.get("/v1/nothing-of-the-sort")
    assert routes_of(client) == {"/v1/users/{user_id}"}


def test_refused_requests_are_measured_too(keyed: Any) -> None:
    keyed.post("/v1/events")
    key = {"x-api-key": "shop-read-0123456789"}
    text = keyed.get("/metrics", headers=key).text
    assert sample(text, "coadapt_request_seconds_count", route="/v1/events", status="401") == 1


def test_unforeseen_failures_are_measured_too(
    client: Any, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop.store, "append", None)
    client.post("/v1/events", json={"type": "a", "user_id": "u"})
    text = client.get("/metrics").text
    assert sample(text, "coadapt_request_seconds_count", route="/v1/events", status="500") == 1
