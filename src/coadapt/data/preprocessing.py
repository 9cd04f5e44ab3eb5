"""Make a dataset of what a source read, in stated steps that are recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from coadapt.data._cleaning import (
    Step,
    deduplicated,
    in_core,
    of_interest,
    of_types,
    with_item,
    with_min_value,
    with_scaled_values,
    with_value,
    within_limits,
)
from coadapt.data._encoding import encoded
from coadapt.data.dataset import Dataset
from coadapt.data.sources.base import SourceTable
from coadapt.domain.errors import EmptyDataError


class PreprocessingConfig(BaseModel):
    """Say what to do with what was read. Steps run in the order of the fields.

    Events without an item are always set aside, and counted, since a dataset has none. So are those
    of no interest, such as refunds, unless `event_types` says which to keep.

    - `missing_values`: a number, or the mean or median of the others, takes their place.
    - `outliers` are of `value`: outside the median plus and minus ten interquartile ranges
      (`robust`), or outside `outlier_quantiles`.
    - `deduplicate` keeps the first or last of the same user and item (`pair`) or of the same user,
      item, type and time (`event`).
    - `core`: users and items below their minimum go in one pass, items first, or again and again
      until all that are left have theirs (`stable`).
    - `encode` names columns of the item and user tables that become numbers.

    Statistics are fitted on all events, before any split.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_types: tuple[str, ...] | None = None
    missing_values: Literal["keep", "drop", "mean", "median"] | float = "keep"
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
    order: Literal["file", "time"] = "file"
    encode: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check_quantiles(self) -> Self:
        """Refuse quantiles that are none or stand in the wrong order."""
        low, high = self.outlier_quantiles
        if not 0 <= low < high <= 1:
            raise ValueError("outlier_quantiles must be 0 <= low < high <= 1")
        return self


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
        return {"steps": [asdict(step) for step in self.steps]}


def preprocess(
    table: SourceTable, config: PreprocessingConfig
) -> tuple[Dataset, PreprocessingReport]:
    """Run the steps that the config asks for. Raises EmptyDataError naming the step."""
    rows, reports = table.events, []
    for name, step in _steps(config):
        before = rows.height
        rows, statistics = step(rows)
        reports.append(StepReport(name, before, rows.height, statistics))
        if rows.is_empty():
            raise EmptyDataError(_nothing_left(table.name, name), field=name)
    item_table, item_words = encoded(table.item_table, config.encode)
    user_table, user_words = encoded(table.user_table, config.encode)
    if config.encode:
        words = {"item_table": item_words, "user_table": user_words}
        reports.append(StepReport("encode", rows.height, rows.height, words))
    dataset = Dataset.from_frame(
        rows, item_table=item_table, user_table=user_table, ties=table.ties
    )
    return dataset, PreprocessingReport(tuple(reports))


def _nothing_left(source: str, step: str) -> str:
    """Say what a step left nothing of."""
    if step == "with_item":
        return f"no event of {source} has an item, and a recommender learns from items"
    return f"no event of {source} is left after {step}; loosen it"


def _steps(config: PreprocessingConfig) -> list[tuple[str, Step]]:
    """Return the steps to run, in order, each under the name of its option."""
    wanted: list[tuple[str, Step, bool]] = [
        ("with_item", with_item, True),
        ("interest", of_interest, config.event_types is None),
        ("event_types", of_types(config.event_types or ()), config.event_types is not None),
        ("missing_values", with_value(config.missing_values), config.missing_values != "keep"),
        ("min_value", with_min_value(config.min_value or 0.0), config.min_value is not None),
        (
            "outliers",
            within_limits(config.outliers, config.outlier_rule, config.outlier_quantiles),
            config.outliers != "keep",
        ),
        (
            "deduplicate",
            deduplicated(config.deduplicate, config.duplicates_of),
            config.deduplicate != "none",
        ),
        (
            "core",
            in_core(
                config.min_item_events, config.min_user_events, is_stable=config.core == "stable"
            ),
            config.min_item_events + config.min_user_events > 0,
        ),
        ("scale_values", with_scaled_values(config.scale_values), config.scale_values != "none"),
        (
            "order",
            lambda rows: (rows.sort("timestamp", maintain_order=True), {}),
            config.order == "time",
        ),
    ]
    return [(name, step) for name, step, is_wanted in wanted if is_wanted]
