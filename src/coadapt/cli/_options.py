"""Name the options that several commands share, and read what only the edge may read."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from coadapt.domain.errors import ConfigError, NotFoundError
from coadapt.domain.manifests import Manifest
from coadapt.domain.progress import Progress
from coadapt.stores.base import RunStore
from coadapt.stores.files import FileRunStore
from coadapt.training.kinds import AnyConfig
from coadapt.training.preparing import Surroundings

RunArgument = Annotated[
    str, typer.Argument(help="A run: its id or a part of it, `latest`, or `latest:METHOD`.")
]
RunsOption = Annotated[
    Path, typer.Option("--runs", envvar="COADAPT_RUNS", help="Folder of runs and pipelines.")
]
DataOption = Annotated[
    str | None, typer.Option("--data", help="File, folder or store URL in place of the config's.")
]
DataRootOption = Annotated[
    Path | None,
    typer.Option("--data-root", envvar="COADAPT_DATA", help="Where relative data paths start."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]

DEFAULT_RUNS = Path("runs")


def open_runs(folder: Path) -> FileRunStore:
    """Open the folder of runs."""
    return FileRunStore(folder)


def check_source(config: AnyConfig, data: str | None, project: str | None = None) -> None:
    """Refuse what the config's source would pass over. Raises ConfigError."""
    source = config.data.source
    if data is not None and source == "synthetic":
        raise ConfigError(
            "--data: this config makes its data up; name another source", field="data"
        )
    if project is not None and source != "log":
        raise ConfigError(f"--project: a log has projects, and source is {source}", field="project")


def find_run(store: RunStore, reference: str, kind: str | None = "recommender") -> str:
    """Return the run that is meant: its id, a part of it, `latest`, or `latest:METHOD`.

    Of one kind only, or of any (None). Raises NotFoundError that says what there is.
    """
    manifests = [each for each in store.runs() if kind in (None, each.kind)]
    found = _meant(manifests, reference)
    if len(found) == 1:
        return found[0]
    raise NotFoundError(_choice(manifests, found, reference, kind), field="run")


def _meant(manifests: Sequence[Manifest], reference: str) -> list[str]:
    """Return the runs that a reference may mean; an id that is given whole means itself."""
    word, _, method = reference.partition(":")
    if word == "latest":
        return [each.run_id for each in manifests if method in ("", each.name)][:1]
    found = [each.run_id for each in manifests if reference in each.run_id]
    return [reference] if reference in found else found


def _choice(
    manifests: Sequence[Manifest], found: Sequence[str], reference: str, kind: str | None
) -> str:
    """Say which runs there are to choose from."""
    if found:
        return f"several runs match {reference!r}; there are: {', '.join(found)}"
    newest = ", ".join(each.run_id for each in manifests[:5])
    sought = "run" if kind is None else f"{kind} run"
    return f"no {sought} matches {reference!r}; there are: {newest or 'none yet'}"


def surroundings(data_root: Path | None, progress: Progress, **facts: Any) -> Surroundings:
    """Read the clock and the commit, here and nowhere below."""
    return Surroundings(
        now_ms=time.time_ns() // 1_000_000, data_root=data_root, progress=progress, **facts
    )


def current_commit() -> str | None:
    """Return the commit of the folder the command runs in, None outside a repository."""
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],
            capture_output=True,
            text=True,
            check=True,
            timeout=5,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
