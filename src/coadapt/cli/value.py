"""`coadapt value`: how good forecasts of spend are, and what one person's is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from coadapt.cli._options import (
    DEFAULT_RUNS,
    DataOption,
    DataRootOption,
    JsonOption,
    RunArgument,
    RunsOption,
    find_run,
    open_runs,
    surroundings,
)
from coadapt.cli._screen import print_table, progress_bar, screen
from coadapt.cli._value.album import draw_album
from coadapt.cli._value.tables import (
    COLUMNS,
    cutoff_rows,
    interval_heads,
    interval_rows,
    mean_rows,
    segment_heads,
    segment_rows,
)
from coadapt.domain.errors import ConfigError
from coadapt.training.forecast_judging import day_of
from coadapt.training.forecasting import cutoffs_of
from coadapt.training.kinds import read_any_config
from coadapt.training.stream_reading import StreamReading, read_stream
from coadapt.training.value_config import ValueRunConfig
from coadapt.training.value_contest import Contest, hold_contest, rival_names
from coadapt.training.value_load import load_value
from coadapt.training.value_telling import tell

NOBODY: Final = "none"

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Judge forecasts of what people will spend beside the others; show one person's.",
)


@app.command(name="evaluate")
def evaluate_command(
    run: Annotated[str, typer.Argument(help="A value run (an id, `latest`), or a config in TOML.")],
    data: DataOption = None,
    data_root: DataRootOption = None,
    runs: RunsOption = DEFAULT_RUNS,
    *,
    against: Annotated[
        list[str] | None, typer.Option(help="Another model, or `none` [default: all there are].")
    ] = None,
    plots: Annotated[
        Path | None, typer.Option(help="Draw calibration, gain and one user's story here.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="Whose story to draw.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Forecast at past cut-offs from what was known then, beside every other value model."""
    config = _config_of(run, runs, data)
    rivals = [name for name in against or rival_names() if name != NOBODY]
    with progress_bar("reading") as progress:
        reading = read_stream(config, surroundings(data_root, progress))
        cutoffs = cutoffs_of(config, reading.stream)
        contest = hold_contest(config, reading.stream, cutoffs, rivals, progress)
    if not as_json:
        _report(contest, reading)
    if plots is not None:
        files = draw_album(contest, config, reading, plots, user)
        if not as_json:
            screen.print(f"drew {', '.join(str(path) for path in files)}", soft_wrap=True)
    if as_json:
        print(json.dumps({"currency": reading.currency, **contest.to_dict()}))


@app.command(name="show")
def show_command(
    run: RunArgument,
    user: Annotated[str, typer.Option(help="A user of the run's data.")],
    as_of: Annotated[
        datetime | None, typer.Option(help="Instant, UTC [default: the end of the data].")
    ] = None,
    data: DataOption = None,
    data_root: DataRootOption = None,
    *,
    runs: RunsOption = DEFAULT_RUNS,
    as_json: JsonOption = False,
) -> None:
    """Print what a run forecasts for one user of its data."""
    store = open_runs(runs)
    loaded = load_value(store, find_run(store, run, kind="value"))
    config = _with_data(loaded.config, data)
    instant = None if as_of is None else int(as_of.replace(tzinfo=UTC).timestamp() * 1000)
    with progress_bar("reading") as progress:
        reading = read_stream(config, surroundings(data_root, progress))
        told = tell(loaded, reading, user, instant, progress)
    if as_json:
        print(json.dumps(told))
        return
    rows = [(name, _text(value)) for name, value in told.items()]
    print_table(f"{user} by {loaded.manifest.run_id}", ("what", "figure"), rows)


def _config_of(reference: str, runs: Path, data: str | None) -> ValueRunConfig:
    """Return the config of a run or of a file. Raises ConfigError, NotFoundError, RunError."""
    if reference.endswith(".toml"):
        config = read_any_config(Path(reference))
        if not isinstance(config, ValueRunConfig):
            raise ConfigError(f'{reference} trains no value model (kind = "value")', field="kind")
        return _with_data(config, data)
    store = open_runs(runs)
    return _with_data(load_value(store, find_run(store, reference, kind="value")).config, data)


def _with_data(config: ValueRunConfig, path: str | None) -> ValueRunConfig:
    """Return a config that reads another place, if one is given."""
    if path is None:
        return config
    return config.model_copy(update={"data": config.data.model_copy(update={"path": path})})


def _report(contest: Contest, reading: StreamReading) -> None:
    """Print a table a cut-off, by segment too, and the means where there are several."""
    unit = f", in {reading.currency}" if reading.currency else ""
    heads = ("model", *COLUMNS.values())
    places = contest.judged[contest.name].at
    for place, at in enumerate(places):
        title = f"forecasts made {day_of(at.cutoff)} of {at.n_users:,} users{unit}"
        print_table(title, heads, cutoff_rows(contest, place))
        print_table(
            "95 % intervals over users", interval_heads(contest), interval_rows(contest, place)
        )
        print_table(
            "CRPS and forecast total over actual by segment",
            segment_heads(contest, place),
            segment_rows(contest, place),
        )
    if len(places) > 1:
        print_table("means over the cut-offs", heads, mean_rows(contest))
    for name, reason in contest.missing.items():
        screen.print(f"{name} was left out: {reason}", style="dim", soft_wrap=True)


def _text(value: Any) -> str:
    """Return a figure of a forecast as it is read."""
    if isinstance(value, float):
        return f"{value:,.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(each)}" for name, each in value.items()) or "-"
    return "-" if value is None else str(value)
