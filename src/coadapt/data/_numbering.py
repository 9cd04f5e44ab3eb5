"""Number the ids of a column in order of first appearance."""

from __future__ import annotations

import numpy as np
import polars as pl

from coadapt.data.batches import IntArray


def number_texts(column: pl.Series) -> tuple[IntArray, list[str]]:
    """Return each row's number, -1 where the column is null, and the text of each number."""
    text = column.cast(pl.String)
    ids = text.drop_nulls().unique(maintain_order=True)
    frame = pl.DataFrame({"id": ids, "row": np.arange(len(ids), dtype=np.int64)})
    rows = pl.DataFrame({"id": text}).join(frame, on="id", how="left", maintain_order="left")
    return rows["row"].fill_null(-1).to_numpy(), ids.to_list()
