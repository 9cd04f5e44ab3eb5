"""Show a project its own runs and pipelines and those of no project, never another's."""

from __future__ import annotations

from coadapt.domain.errors import NotFoundError, RunError
from coadapt.domain.manifests import Manifest
from coadapt.serving.loop import Loop
from coadapt.training.pipeline_config import parse_pipeline


def visible_runs(loop: Loop, project: str | None) -> list[Manifest]:
    """Return the runs that a project may see, newest first; None sees all."""
    return [run for run in loop.runs.runs() if _is_visible(run.project, project)]


def visible_run(loop: Loop, project: str | None, run_id: str) -> Manifest:
    """Return one run's manifest. Raises RunError, and NotFoundError also for another's run."""
    manifest = loop.runs.manifest(run_id)
    if not _is_visible(manifest.project, project):
        raise NotFoundError("no such run; `coadapt runs` lists those there are")
    return manifest


def visible_pipelines(loop: Loop, project: str | None) -> list[str]:
    """Return the pipelines that a project may see, oldest first; None sees all."""
    references = loop.runs.pipelines()
    if project is None:
        return references
    return [each for each in references if _is_open_to(loop, each, project)]


def _is_open_to(loop: Loop, reference: str, project: str) -> bool:
    """Tell whether a pipeline is a project's or nobody's; one that cannot be read is neither."""
    try:
        config = parse_pipeline(loop.runs.pipeline(reference), reference)
    except (NotFoundError, RunError):
        return False
    return _is_visible(config.project, project)


def _is_visible(owner: str | None, project: str | None) -> bool:
    """Tell whether what belongs to an owner may be seen."""
    return project is None or owner is None or owner == project
