"""Tell who is who in rows of the log, and who opted out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import polars as pl

from coadapt.domain.errors import EmptyDataError


def gathered(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the parts of a log as one frame. Raises EmptyDataError for a log without events."""
    if not sum(len(part) for part in parts):
        raise EmptyDataError("the event log has no events; send some to POST /v1/events first")
    return pl.concat(parts)


def newer(rows: pl.DataFrame, after: int) -> pl.DataFrame:
    """Return the rows after a position. Raises EmptyDataError where there are none."""
    found = rows.filter(pl.col("position") > after)
    if found.is_empty():
        raise EmptyDataError(f"the event log has no events after position {after}")
    return found


def with_person(rows: pl.DataFrame) -> pl.DataFrame:
    """Add a `person` column: the user id, the linked user's, or the anonymous id.

    An anonymous id is its latest user's so far, and before its first one it is that one's, as
    serving has it. Rows stand in log order.
    """
    of_visitor = pl.col("user_id").forward_fill().backward_fill().over("anonymous_id")
    linked = pl.when(pl.col("anonymous_id").is_not_null()).then(of_visitor)
    person = pl.coalesce("u:" + pl.col("user_id"), "u:" + linked, "a:" + pl.col("anonymous_id"))
    return rows.with_columns(person=person)


def opted_out(rows: pl.DataFrame) -> list[str]:
    """List the people whose last word on personalisation was no."""
    consents = rows.filter((pl.col("type") == "$consent") & pl.col("person").is_not_null())
    latest = consents.sort("timestamp", "position").unique("person", keep="last")
    return [
        person
        for person, body in latest.select("person", "body").iter_rows()
        if properties_of(body).get("personalization") is False
    ]


def properties_of(body: str | None) -> dict[str, Any]:
    """Return the properties of a stored body."""
    properties: dict[str, Any] = json.loads(body or "{}").get("properties") or {}
    return properties
