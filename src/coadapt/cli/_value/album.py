"""Gather the pictures of a contest and write them."""

from __future__ import annotations

from pathlib import Path

from coadapt.cli._page import Page, Picture, write_page
from coadapt.cli._value.pictures import (
    calibration_picture,
    gain_picture,
    story_picture,
    unit_of,
)
from coadapt.cli._value.tables import COLUMNS, mean_rows
from coadapt.training.forecast_judging import day_of
from coadapt.training.forecasting import end_of, fit_at
from coadapt.training.stream_reading import StreamReading
from coadapt.training.trajectory import follow, telling_user
from coadapt.training.value_config import ValueRunConfig
from coadapt.training.value_contest import Contest
from coadapt.training.value_telling import user_row


def draw_album(
    contest: Contest,
    config: ValueRunConfig,
    reading: StreamReading,
    folder: Path,
    user: str | None,
) -> list[Path]:
    """Draw calibration and gain at the last cut-off, and one user's story; return the files.

    Raises NotFoundError for a user that the data does not have, StoreError.
    """
    last = {name: judged.at[-1].evaluated for name, judged in contest.judged.items()}
    day = day_of(contest.judged[contest.name].at[-1].cutoff)
    days = config.value.options["horizon_days"]
    unit = unit_of(reading.currency)
    calibration = calibration_picture(last, f"Calibration: {days} days from {day}", unit)
    gain = gain_picture(last, f"Gain: {days} days from {day}")
    pictures = (
        Picture(
            "calibration",
            calibration,
            "Each point is a tenth of the users, lowest forecast "
            "first: on the dashed line they spent what was forecast.",
        ),
        Picture(
            "gain",
            gain,
            "How much of all spend the users with the highest forecasts account "
            "for: the steeper, the better the order.",
        ),
        _story(contest, config, reading, user),
    )
    title = f"What people will spend in {days} days, by {contest.name}"
    table = [("model", *COLUMNS.values()), *mean_rows(contest)]
    n_cutoffs = len(contest.judged[contest.name].at)
    lead = (
        f"{reading.name}: {len(reading.stream):,} events of {reading.stream.n_users:,} people. "
        f"Means over {n_cutoffs} cut-off{'s' if n_cutoffs > 1 else ''}; every model learned from "
        f"what was known before each{unit.replace(', ', '; amounts in ')}."
    )
    return write_page(Page("value.html", title, lead, table, pictures), folder)


def _story(
    contest: Contest, config: ValueRunConfig, reading: StreamReading, user: str | None
) -> Picture:
    """Draw a user's story by a model that was fitted on all of the data."""
    stream = reading.stream
    model, _ = fit_at(config, stream, end_of(stream))
    spend_types = dict(model.config.spend_types)
    row = telling_user(stream, spend_types) if user is None else user_row(reading, user)
    story = follow(model, stream, row)
    title = f"{story.user}: expected spend in the next {model.config.horizon_days} days"
    figure = story_picture(story, title, unit_of(reading.currency))
    return Picture(
        "story",
        figure,
        f"What {contest.name}, fitted on all of the data, would have "
        f"said of {story.user} at every moment, from what had happened by then.",
    )
