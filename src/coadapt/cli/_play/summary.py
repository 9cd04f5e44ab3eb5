"""Sum a play up as one JSON object."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from coadapt.cli._play.board import Board
from coadapt.simulation.click_rate import Rate
from coadapt.simulation.worlds.base import World

JSON = dict[str, Any]


def summarize(board: Board, now_s: float) -> JSON:
    """Return what a play has shown; latencies are milliseconds as the client waited.

    `n_events` came while shoppers played, `n_past_events` before. Click rates count each item of a
    slate that was seen as one exposure; their intervals are of 95 % and over shoppers.
    """
    gauges, change = board.gauges, board.score.change
    events_per_s, recommendations_per_s = gauges.overall_rates(now_s)
    return {
        "url": board.url,
        "seconds": round(now_s - gauges.started_s, 2),
        "n_past_events": board.n_past_events,
        "n_events": gauges.n_events,
        "n_recommendations": gauges.n_recommendations,
        "events_per_second": round(events_per_s, 2),
        "recommendations_per_second": round(recommendations_per_s, 2),
        "latency_ms": {
            "p50": round(gauges.latency_ms(0.5), 2),
            "p99": round(gauges.latency_ms(0.99), 2),
        },
        "click_rate": {
            "personalized": _rate(board.score.personalized.rate()),
            "popular": _rate(board.score.popular.rate()),
        },
        "slate_before": [] if change is None else _slate(change.before, board.world),
        "event": None if change is None else dict(change.event),
        "slate_after": [] if change is None else _slate(change.after, board.world),
        "changed": change is not None and change.is_changed,
        "ms_until_changed": None if change is None else change.ms_until_changed,
        "errors": gauges.n_errors,
        "validation": asdict(board.validation),
    }


def _rate(rate: Rate) -> JSON:
    """Return a click rate as JSON, null before the first exposure."""
    return {**asdict(rate), "value": rate.value if rate.n_exposures else None}


def _slate(item_ids: tuple[str, ...], world: World) -> list[JSON]:
    """Return a slate's items with their titles."""
    goods = world.goods
    titles = {item_id: goods.titles[row] for item_id, row in goods.row_of.items()}
    return [{"item_id": item_id, "title": titles.get(item_id)} for item_id in item_ids]
