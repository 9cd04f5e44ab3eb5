"""`coadapt data`: look at data before learning from it, list sources, make synthetic data."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from coadapt.cli._screen import print_table, progress_bar, screen
from coadapt.data.sources.base import detect_source, make_source, source_names
from coadapt.data.sources.events_file import EventsFileConfig
from coadapt.data.validation import OUTLIER_RULE, ValidationReport, validate
from coadapt.domain.errors import ConfigError, StoreError
from coadapt.plugins import plugin_modules

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Look at data before learning from it; list sources; make synthetic data.",
)


@app.command(name="validate")
def validate_command(
    path: Annotated[Path, typer.Argument(help="A file, or the folder of a data set.")],
    source: Annotated[str | None, typer.Option(help="Its form; told by itself if known.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="TOML: which column holds what.")] = None,
    option: Annotated[list[str] | None, typer.Option(help="key=value for the source.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Print what a data set holds and the line of every row that cannot be read."""
    options = _options(mapping, option or [])
    is_mapping = bool(options) and options.keys() <= EventsFileConfig.model_fields.keys()
    name = source or ("events_file" if is_mapping else detect_source(path))
    with progress_bar(f"reading {path.name}") as progress:
        report = validate(make_source(name, options).read(path, progress))
    if as_json:
        print(json.dumps(report.to_dict()))
        return
    _print(report)


@app.command(name="sources")
def sources_command() -> None:
    """List the forms of data that can be read."""
    modules = plugin_modules("data/sources")
    for name in source_names():
        summary = (import_module(modules[name]).__doc__ or "").splitlines()[0]
        print(f"{name:<20} {summary}")


@app.command(name="synthesize")
def synthesize_command(
    path: Annotated[Path, typer.Argument(help="Where to write: .csv, .jsonl or .parquet.")],
    users: Annotated[int, typer.Option(min=1)] = 500,
    items: Annotated[int, typer.Option(min=1)] = 300,
    events: Annotated[int, typer.Option(min=1)] = 20_000,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    option: Annotated[list[str] | None, typer.Option(help="key=value for the shape.")] = None,
) -> None:
    """Write made-up events of a stated shape; the same seed writes the same file."""
    shape = {"n_users": users, "n_items": items, "n_events": events, "seed": seed}
    table = make_source("synthetic", shape | _options(None, option or [])).read(path)
    _write(table.events.drop("line"), path)
    screen.print(f"wrote {table.events.height:,} events to {path}")


def _options(mapping: Path | None, pairs: list[str]) -> dict[str, Any]:
    """Return a source's options from a TOML file and from key=value pairs, which win."""
    options: dict[str, Any] = {}
    if mapping is not None:
        try:
            options = tomllib.loads(mapping.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError(f"{mapping} is not a readable TOML file") from error
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise ConfigError("an option is written key=value", field="option")
        options[key] = _value(value)
    return options


def _value(text: str) -> Any:
    """Return a TOML value, or the text itself where it is none."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _write(events: pl.DataFrame, path: Path) -> None:
    """Write events in the format that the file's name tells."""
    writers: dict[str, Callable[[Path], object]] = {
        ".csv": events.write_csv,
        ".jsonl": events.write_ndjson,
        ".parquet": events.write_parquet,
    }
    if path.suffix not in writers:
        raise ConfigError(f"{path}: name a file that ends in {', '.join(writers)}", field="path")
    try:
        writers[path.suffix](path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error


def _print(report: ValidationReport) -> None:
    """Print a report as tables."""
    title = f"{report.source}: {', '.join(report.files)}"
    print_table(title, ("what", "figure"), list(_facts(report)))
    columns = ("type", "events", "with value", "min", "median", "max", "outliers")
    rows = [
        (
            name,
            f"{each.n_events:,}",
            f"{each.n_with_value:,}",
            *(_figure(v) for v in (each.value_min, each.value_median, each.value_max)),
            _at_line(each.n_outliers, each.first_outlier_line),
        )
        for name, each in report.types.items()
    ]
    print_table("types", columns, rows)
    screen.print(f"outliers: values {OUTLIER_RULE} of their type", style="dim")
    spread = (("a user", report.events_a_user), ("an item", report.events_an_item))
    counts = [(name, *(f"{n:,.0f}" for n in figures.values())) for name, figures in spread]
    print_table("events", ("of", *report.events_a_user), counts)
    if report.n_bad_rows:
        _print_bad_rows(report)


def _facts(report: ValidationReport) -> Iterator[tuple[str, str]]:
    """Yield the figures that stand alone."""
    yield "rows read", f"{report.n_rows_read:,}"
    yield "events", f"{report.n_events:,}"
    yield "bad rows", f"{report.n_bad_rows:,}"
    yield "users", f"{report.n_users:,}"
    yield "items", f"{report.n_items:,}"
    yield "density", f"{report.density:.3%}"
    yield "first event", _time(report.first_time_ms)
    yield "last event", _time(report.last_time_ms)
    yield "duplicates", _at_line(report.n_duplicates, report.first_duplicate_line)
    yield "out of order", _at_line(report.n_out_of_order, report.first_out_of_order_line)
    for column, n_missing in report.missing.items():
        if n_missing:
            yield f"without {column}", f"{n_missing:,}"
    yield "described items", f"{report.n_described_items:,}"
    yield "described users", f"{report.n_described_users:,}"
    yield "ties", f"{report.n_ties:,}"


def _print_bad_rows(report: ValidationReport) -> None:
    """Print how many rows are bad for which reason, and where the first ones stand."""
    counts = [(reason, f"{n:,}") for reason, n in report.bad_rows_by_reason.items()]
    print_table("bad rows by reason", ("reason", "rows"), counts)
    first = [(row.reason, row.file, f"{row.line}") for row in report.first_bad_rows]
    print_table(f"first {len(first)} bad rows", ("reason", "file", "line"), first)


def _at_line(count: int, line: int | None) -> str:
    """Return a count and where the first one stands."""
    return f"{count:,}" if line is None else f"{count:,} (first: line {line})"


def _figure(number: float | None) -> str:
    """Return a number shortly, a dash for none."""
    return "-" if number is None else f"{number:,.6g}"


def _time(time_ms: int | None) -> str:
    """Return an instant in UTC."""
    if time_ms is None:
        return "the data has no times"
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
