"""Make a dataset of what a source read, in stated steps that are recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from coadapt.data._cleaning import (
    OUTLIER_IQRS,
    deduplicate,
    handle_missing,
    handle_outliers,
    keep_core,
    scale,
)
from coadapt.data._encoding import encode_categories
from coadapt.data.dataset import Dataset
from coadapt.data.sources.base import SourceTable
from coadapt.domain.errors import EmptyDataError

Missing = Literal["keep", "drop", "mean", "median"] | float


class PreprocessingConfig(BaseModel):
    """Say what to do with what was read; by default nothing. Steps run in the order of the fields.

    Events without an item are always set aside, and counted, since a dataset has none. `core` says
    whether users and items below their minimum go in one pass (items first) or until all left have
    theirs. `outliers` looks at values only: `robust` limits are the median plus and minus ten
    interquartile ranges, `quantile` ones the given quantiles. Statistics are fitted on all events.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_types: tuple[str, ...] | None = None
    missing_values: Missing = "keep"
    min_value: float | None = None
    outliers: Literal["keep", "clip", "drop"] = "keep"
    outlier_rule: Literal["robust", "quantile"] = "robust"
    outlier_quantiles: tuple[float, float] = (0.001, 0.999)
    deduplicate: Literal["none", "first", "last"] = "none"
    duplicates_of: Literal["pair", "event"] = "pair"
    min_item_events: Annotated[int, Field(ge=0)] = 0
    min_user_events: Annotated[int, Field(ge=0)] = 0
    core: Literal["once", "stable"] = "once"
    scale_values: Literal["none", "standard", "minmax"] = "none"
    encode: tuple[str, ...] = ()
    order: Literal["file", "time"] = "file"


@dataclass(frozen=True, slots=True)
class StepReport:
    """Record one step: rows before and after, and what it fitted."""

    name: str
    rows_before: int
    rows_after: int
    statistics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PreprocessingReport:
    """Record every step that ran, in order."""

    steps: tuple[StepReport, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values that JSON can hold."""
        return asdict(self)


def preprocess(
    table: SourceTable, config: PreprocessingConfig
) -> tuple[Dataset, PreprocessingReport]:
    """Run the steps that the config asks for. Raises EmptyDataError naming the step."""
    steps = _Steps(table.events)
    steps.run("with_item", lambda rows: (rows.filter(pl.col("item_id").is_not_null()), {}))
    _clean_values(steps, config)
    _clean_rows(steps, config)
    item_table, item_words = encode_categories(table.item_table, config.encode)
    user_table, user_words = encode_categories(table.user_table, config.encode)
    if config.encode:
        words = {"item_table": item_words, "user_table": user_words}
        steps.run("encode", lambda rows: (rows, words))
    if config.order == "time":
        steps.run("order", lambda rows: (rows.sort("timestamp", maintain_order=True), {}))
    dataset = Dataset.from_frame(
        steps.rows, item_table=item_table, user_table=user_table, ties=table.ties
    )
    return dataset, PreprocessingReport(tuple(steps.reports))
