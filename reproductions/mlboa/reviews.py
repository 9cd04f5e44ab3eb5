"""Turn real reviews into examples: Amazon's by user, women's clothing one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import log1p
from pathlib import Path
from typing import Any, Final

import polars as pl

from coadapt.data.sources.amazon_reviews import AmazonReviews, AmazonReviewsConfig
from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import DataError
from mlboa.sequences import MAX_INTERACTIONS, Example, Numbers, Source, Step, question, words_of

AMAZON: Final = ("amazon_musical_instruments_5core", "amazon_all_beauty_5core")
CLOTHING: Final = "womens_clothing_reviews"
WORDS_A_STEP: Final = 6
MAX_CLOTHING_STEPS: Final = 20


def read_amazon(data: Path) -> list[Example]:
    """Return whether each review but a user's first gives five stars, given those before it."""
    return [example for name in AMAZON for example in _amazon_examples(data / name)]


def _amazon_examples(folder: Path) -> Iterator[Example]:
    """Yield the examples of one shop."""
    table = AmazonReviews(AmazonReviewsConfig(keep_text=True)).read(folder).events
    # A review that is shown with every variant of a product was written once.
    once = table.with_columns(pl.col("text").fill_null("")).unique(
        ["user_id", "text", "timestamp"], keep="first", maintain_order=True
    )
    for (user,), reviews in once.sort("user_id", "timestamp", "item_id").group_by(
        ["user_id"], maintain_order=True
    ):
        yield from amazon_examples(str(user), reviews.to_dicts())


def amazon_examples(user: str, reviews: list[dict[str, Any]]) -> Iterator[Example]:
    """Yield the examples of one user's reviews, oldest first."""
    times = [review["timestamp"] for review in reviews]
    gaps = [0.0, *(log1p((b - a) / DAY_MS) for a, b in pairwise(times))]
    steps = [_review_step(review, gap) for review, gap in zip(reviews, gaps, strict=True)]
    for time in range(1, len(reviews)):
        yield Example(
            user=user,
            source=Source.AMAZON,
            steps=(*steps[max(0, time - MAX_INTERACTIONS) : time], question(gaps[time])),
            is_positive=reviews[time]["value"] == 5,
        )


def _review_step(review: dict[str, Any], log_gap_days: float) -> Step:
    """Return one review as a step."""
    numbers = Numbers(outcome=(review["value"] - 3) / 2, log_gap_days=log_gap_days)
    return Step.of_text(review["text"], numbers)


def read_clothing(data: Path) -> list[Example]:
    """Return whether each review recommends its garment, given its own text and the age."""
    files = [*(data / CLOTHING).glob("*.csv*")]
    if len(files) != 1:
        raise DataError(f"{data / CLOTHING} must hold the one CSV file of clothing reviews")
    table = pl.read_csv(files[0]).filter(pl.col("Review Text").str.contains(r"\w"))
    once = table.unique("Review Text", keep="first", maintain_order=True)
    return [clothing_example(number, row) for number, row in enumerate(once.to_dicts())]


def clothing_example(number: int, row: dict[str, Any]) -> Example:
    """Return one review, cut into runs of words."""
    words = words_of(row["Review Text"])[: WORDS_A_STEP * MAX_CLOTHING_STEPS]
    runs = [words[i : i + WORDS_A_STEP] for i in range(0, len(words), WORDS_A_STEP)]
    steps = [Step.of_text(" ".join(run)) for run in runs]
    return Example(
        user=f"review {number}",
        source=Source.CLOTHING,
        steps=(*steps, question(age_years=float(row["Age"]))),
        is_positive=row["Recommended IND"] == 1,
    )
