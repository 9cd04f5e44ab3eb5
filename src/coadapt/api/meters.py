"""Measure requests and expose the loop's counts in the form that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterator

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
        self._registry.register(_LoopCollector(loop))

    def observe(self, route: str, status: int, seconds: float) -> None:
        """Note one answer."""
        self._seconds.labels(route, str(status)).observe(seconds)

    def text(self) -> bytes:
        """Return everything measured as Prometheus text."""
        return generate_latest(self._registry)


class _LoopCollector(Collector):
    """Read a loop's counts when they are asked for."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def collect(self) -> Iterator[Metric]:
        """Yield the counts by name, and the position of the state."""
        families: dict[str, CounterMetricFamily] = {}
        for (name, project, label), count in sorted(self._loop.tally.counts().items()):
            family = families.setdefault(
                name, CounterMetricFamily(f"coadapt_{name}", name, labels=("project", "label"))
            )
            family.add_metric((project, label), count)
        yield from families.values()
        position = GaugeMetricFamily("coadapt_log_position", "Last event folded into state")
        position.add_metric((), self._loop.features.position)
        yield position
        degraded = GaugeMetricFamily("coadapt_degraded_projects", "Projects that are degraded")
        degraded.add_metric((), len(self._loop.live.faults()))
        yield degraded
