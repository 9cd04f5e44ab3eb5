"""Measure requests and expose the loop's counts in the form that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from coadapt.serving.loop import Loop

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Meters:
    """Hold one registry: request times by route and status, and the counts of a loop."""

    def __init__(self, loop: Loop) -> None:
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "coadapt_request_seconds",
            "Time to answer",
            ("route", "status"),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._loop = loop

    def observe(self, route: str, status: int, seconds: float) -> None:
        """Note one answer."""
        self._seconds.labels(route, str(status)).observe(seconds)

    def text(self, project: str | None = None) -> bytes:
        """Return what was measured as Prometheus text; of the counts those of a project, if given.

        Request times, the log's position and the number of degraded projects are the service's.
        """
        return generate_latest(_Collector(self._registry, self._loop, project))


@dataclass(frozen=True)
class _Collector(Collector):
    """Read request times and a loop's counts when they are asked for."""

    registry: CollectorRegistry
    loop: Loop
    project: str | None

    def collect(self) -> Iterator[Metric]:
        """Yield the request times, the counts by name, and the position of the state."""
        yield from self.registry.collect()
        families: dict[str, CounterMetricFamily] = {}
        for (name, project, label), count in sorted(self.loop.tally.counts().items()):
            if self.project not in (None, project):
                continue
            family = families.setdefault(
                name, CounterMetricFamily(f"coadapt_{name}", name, labels=("project", "label"))
            )
            family.add_metric((project, label), count)
        yield from families.values()
        position = GaugeMetricFamily("coadapt_log_position", "Last event folded into state")
        position.add_metric((), self.loop.features.position)
        yield position
        degraded = GaugeMetricFamily("coadapt_degraded_projects", "Projects that are degraded")
        degraded.add_metric((), len(self.loop.faults()))
        yield degraded
        unscrubbed = GaugeMetricFamily(
            "coadapt_unscrubbed_erasures", "Erasures whose bytes may still be in the files"
        )
        unscrubbed.add_metric((), self.loop.store.n_unscrubbed)
        yield unscrubbed
        yield from self._of_value()

    def _of_value(self) -> Iterator[Metric]:
        """Yield how many people's value is in memory, their bytes, and what waits to be folded."""
        users = _gauge("coadapt_value_users", "People whose value is in memory")
        size = _gauge("coadapt_value_bytes_per_user", "Bytes of one person's value in memory")
        waiting = _gauge("coadapt_value_waiting_events", "Events not yet folded into value")
        for project, state in sorted(self.loop.valuing.states().items()):
            if self.project in (None, project):
                users.add_metric((project,), len(state.roster))
                size.add_metric((project,), state.bytes_per_user)
                waiting.add_metric((project,), state.n_waiting)
        yield from (users, size, waiting)


def _gauge(name: str, meaning: str) -> GaugeMetricFamily:
    """Return a gauge of each project."""
    return GaugeMetricFamily(name, meaning, labels=("project",))
