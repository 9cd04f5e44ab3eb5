"""`coadapt train CONFIG.toml`: learn what a file says and keep it as a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from coadapt.cli._options import (
    DEFAULT_RUNS,
    DataOption,
    DataRootOption,
    JsonOption,
    RunsOption,
    current_commit,
    open_runs,
    surroundings,
)
from coadapt.cli._screen import print_table, progress_bar, screen
from coadapt.domain.manifests import Manifest
from coadapt.training.config import RunConfig, read_run_config
from coadapt.training.run import train

app = typer.Typer()


@app.command(name="train")
def command(
    config: Annotated[Path, typer.Argument(help="A RunConfig in TOML; see configs/.")],
    data: DataOption = None,
    data_root: DataRootOption = None,
    runs: RunsOption = DEFAULT_RUNS,
    seed: Annotated[int | None, typer.Option(help="Seed in place of the config's.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Train what a TOML file says and keep it as a run."""
    run_config = _with_overrides(read_run_config(config), data, seed)
    with progress_bar("reading") as progress:
        facts = surroundings(data_root, progress, commit=current_commit())
        manifest = train(run_config, open_runs(runs), facts)
    if as_json:
        print(json.dumps({"run": manifest.run_id, "metrics": dict(manifest.metrics)}))
        return
    _report(manifest, runs)


def _with_overrides(config: RunConfig, data: str | None, seed: int | None) -> RunConfig:
    """Return the config with what the command line replaces."""
    changes: dict[str, Any] = {}
    if data is not None:
        changes["data"] = config.data.model_copy(update={"path": data})
    if seed is not None:
        changes["training"] = config.training.model_copy(update={"seed": seed})
    return config.model_copy(update=changes)


def _report(manifest: Manifest, runs: Path) -> None:
    """Print the run's name, where it is, and its validation metrics."""
    rows = [(name, f"{value:.4f}") for name, value in manifest.metrics.items()]
    print_table(f"validation of {manifest.run_id}", ("metric", "value"), rows)
    folder = runs / "runs" / manifest.run_id
    screen.print(f"{manifest.seconds:.1f} s; card: {folder / 'card.md'}", soft_wrap=True)
    screen.print(f"next: coadapt evaluate {manifest.run_id}", soft_wrap=True)
