"""Read Amazon reviews: JSON lines, in the forms of 2014 and of 2018."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from typing_extensions import override

from coadapt.data.sources._checks import EventColumns
from coadapt.data.sources._json_lines import first_objects, read_json_lines
from coadapt.data.sources.base import Source, SourceConfig, SourceTable, collect_events
from coadapt.domain.errors import DataError
from coadapt.domain.progress import Progress, no_progress

__all__ = ["AmazonReviews", "AmazonReviewsConfig"]

REQUIRED = {"reviewerID", "asin", "overall"}
FIELDS = {
    "reviewerID": "$.reviewerID",
    "asin": "$.asin",
    "overall": "$.overall",
    "unixReviewTime": "$.unixReviewTime",
}
LATE_FIELDS = {
    "reviewTime": "$.reviewTime",
    "verified": "$.verified",
    "vote": "$.vote",
    "helpful": "$.helpful[0]",
}
TEXT_FIELDS = {"summary": "$.summary", "text": "$.reviewText"}
EXTRA = ("is_verified", "n_helpful_votes")


class AmazonReviewsConfig(SourceConfig):
    """Say whether to keep `is_verified` and `n_helpful_votes`, and `summary` and `text`."""

    keep_marks: bool = True
    keep_text: bool = False


class AmazonReviews(Source[AmazonReviewsConfig]):
    """Read reviews as `rate` events; a reviewer's display name is never read.

    Times are whole days. A review without `unixReviewTime` is dated by its `reviewTime`.
    """

    Config = AmazonReviewsConfig

    @classmethod
    @override
    def matches(cls, path: Path) -> bool:
        return _review_file(path) is not None

    @override
    def read(self, path: Path, progress: Progress = no_progress) -> SourceTable:
        file = path if path.is_file() else _review_file(path)
        if file is None:
            raise DataError(f"{path} holds no single file of Amazon reviews; name the file")
        extra = (EXTRA if self.config.keep_marks else ()) + (
            tuple(TEXT_FIELDS) if self.config.keep_text else ()
        )
        columns = EventColumns(
            "reviewerID", "asin", "time", "s", constant_type="rate", value="overall", extra=extra
        )
        rows = collect_events(file, self._blocks(file, progress), columns)
        return SourceTable(
            name="amazon_reviews",
            events=rows.events,
            bad_rows=rows.bad_rows,
            n_rows_read=rows.n_rows_read,
            files=(file,),
        )

    def _blocks(self, file: Path, progress: Progress) -> Iterator[pl.DataFrame]:
        """Yield blocks of fields; those that only some files have are null elsewhere."""
        text = TEXT_FIELDS if self.config.keep_text else {}
        for block in read_json_lines(file, FIELDS | LATE_FIELDS | text, progress):
            day = pl.col("reviewTime").str.to_date("%m %d, %Y", strict=False)
            seconds = day.cast(pl.Datetime("ms")).dt.epoch("s").cast(pl.String)
            votes = pl.coalesce(pl.col("vote").str.replace_all(",", "", literal=True), "helpful")
            yield block.with_columns(
                time=pl.coalesce("unixReviewTime", seconds),
                is_verified=pl.col("verified") == "true",
                n_helpful_votes=votes.cast(pl.Int64, strict=False),
            )


def _review_file(path: Path) -> Path | None:
    """Return the one file of reviews that a path is or holds."""
    files = [path] if path.is_file() else [*path.glob("*.json"), *path.glob("*.json.gz")]
    reviews = [file for file in files if any(set(r) >= REQUIRED for r in first_objects(file, 3))]
    return reviews[0] if len(reviews) == 1 else None
