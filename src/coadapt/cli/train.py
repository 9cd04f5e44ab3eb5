"""`coadapt train CONFIG.toml`: learn what a file says and keep it."""

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
    check_source,
    current_commit,
    open_runs,
    surroundings,
)
from coadapt.cli._policy import facts, judge, keep, report, tell, with_run
from coadapt.cli._screen import print_table, progress_bar, screen
from coadapt.domain.errors import ConfigError
from coadapt.domain.manifests import Manifest
from coadapt.serving.rules import STORE_URL
from coadapt.serving.slate_log import open_slate_log
from coadapt.stores.base import RunStore
from coadapt.training.kinds import AnyConfig, read_any_config, train_any
from coadapt.training.policy_config import PolicyRunConfig

app = typer.Typer()


@app.command(name="train")
def command(
    config: Annotated[Path, typer.Argument(help="A RunConfig in TOML; see configs/.")],
    data: DataOption = None,
    data_root: DataRootOption = None,
    runs: RunsOption = DEFAULT_RUNS,
    *,
    project: Annotated[
        str | None, typer.Option(help="Project of the log in place of the config's.")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(envvar=STORE_URL, help="URL of the event log, for source = 'log'."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**32 - 1, help="Seed in place of the config's.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Train what a TOML file says and keep it as a run; judge a policy and keep its pipeline."""
    run_config = read_any_config(config)
    check_source(run_config, data, project)
    url = store if run_config.data.source == "log" else None
    run_config = _with_overrides(run_config, {"path": data or url, "project": project}, seed)
    if isinstance(run_config, PolicyRunConfig):
        _keep_policy(run_config, open_runs(runs), as_json=as_json)
        return
    with progress_bar("reading") as progress:
        around = surroundings(data_root, progress, commit=current_commit())
        manifest = train_any(run_config, open_runs(runs), around)
    if as_json:
        print(json.dumps({"run": manifest.run_id, "metrics": dict(manifest.metrics)}))
        return
    _report(manifest, runs)


def _keep_policy(config: PolicyRunConfig, runs: RunStore, *, as_json: bool) -> None:
    """Judge a policy, which has nothing to learn, by slates in the log, and keep its pipeline."""
    config = with_run(config, runs)
    with progress_bar("reading") as progress:
        log = open_slate_log(runs, config, progress)
    tell(log)
    estimate = judge(config, log)
    reference = keep(config, runs)
    if as_json:
        print(json.dumps(facts(reference, log, estimate)))
        return
    report(reference, estimate)


def _with_overrides(config: AnyConfig, data: dict[str, str | None], seed: int | None) -> AnyConfig:
    """Return the config with what the command line replaces."""
    given = {name: value for name, value in data.items() if value is not None}
    changes: dict[str, Any] = {"data": config.data.model_copy(update=given)}
    if seed is not None:
        if isinstance(config, PolicyRunConfig):
            raise ConfigError("--seed: judging a policy draws nothing", field="seed")
        changes["training"] = config.training.model_copy(update={"seed": seed})
    return config.model_copy(update=changes)


def _report(manifest: Manifest, runs: Path) -> None:
    """Print the run's name, where it is, and its validation metrics."""
    rows = [(name, f"{value:.4f}") for name, value in manifest.metrics.items()]
    screen.print(f"run {manifest.run_id}", soft_wrap=True)
    print_table("validation", ("metric", "value"), rows)
    folder = runs / "runs" / manifest.run_id
    screen.print(f"{manifest.seconds:.1f} s; card: {folder / 'card.md'}", soft_wrap=True)
    judge = "value evaluate" if manifest.kind == "value" else "evaluate"
    screen.print(f"next: coadapt {judge} {manifest.run_id}", soft_wrap=True)
