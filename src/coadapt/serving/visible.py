"""Show a project its own runs and pipelines and those of no project, never another's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coadapt.domain import fields
from coadapt.domain.errors import InvalidInputError, NotFoundError, RunError
from coadapt.domain.manifests import Manifest
from coadapt.serving.loop import Loop
from coadapt.serving.promote import described, exact_reference


@dataclass(frozen=True, slots=True)
class PipelineNote:
    """Say what a pipeline is: the runs in it, its policy, and whether it serves a project.

    `fault` says why one cannot be read; of that no more is known than its name. `project` is whose
    it is, None if it is nobody's.
    """

    pipeline: str
    live: bool
    project: str | None = None
    recommender: str | None = None
    policy: str | None = None
    value: str | None = None
    fault: str | None = None


def visible_runs(loop: Loop, project: str | None) -> list[Manifest]:
    """Return the runs that a project may see, newest first; None sees all."""
    return [run for run in loop.runs.runs() if _is_visible(run.project, project)]


def visible_run(loop: Loop, project: str | None, run_id: str) -> Manifest:
    """Return one run's manifest.

    Raises InvalidInputError for what can be no run's id, RunError, and NotFoundError also for
    another's run.
    """
    try:
        manifest = loop.runs.manifest(run_id)
    except InvalidInputError as error:
        raise fields.invalid("run_id", error.message) from error
    if not _is_visible(manifest.project, project):
        raise NotFoundError("no such run; `coadapt runs` lists those there are")
    return manifest


def visible_pipelines(loop: Loop, project: str | None) -> list[str]:
    """Return the pipelines that a project may see, oldest first; None sees all."""
    references = loop.runs.pipelines()
    if project is None:
        return references
    return [each for each in references if _is_open_to(loop, each, project)]


def visible_pipeline(loop: Loop, project: str | None, name: str) -> str:
    """Return the exact reference of a pipeline, the newest version where none is given.

    Raises NotFoundError, also for what is another project's.
    """
    reference = exact_reference(loop, name)
    is_there = reference in loop.runs.pipelines()
    if not is_there or (project is not None and not _is_open_to(loop, reference, project)):
        raise NotFoundError("no such pipeline; GET /v1/pipelines lists those there are")
    return reference


def noted(loop: Loop, references: Iterable[str], served: str) -> list[PipelineNote]:
    """Say what each pipeline is, and which is the one that serves a project."""
    live = loop.live.references().get(served)
    return [_note(loop, reference, is_live=reference == live) for reference in references]


def _note(loop: Loop, reference: str, *, is_live: bool) -> PipelineNote:
    """Say what a pipeline is."""
    try:
        _, config = described(loop, reference)
    except (NotFoundError, RunError) as error:
        return PipelineNote(reference, is_live, fault=error.code)
    return PipelineNote(
        reference, is_live, config.project, config.recommender, config.policy.name, config.value
    )


def _is_open_to(loop: Loop, reference: str, project: str) -> bool:
    """Tell whether a pipeline is a project's or nobody's; one that cannot be read is neither."""
    try:
        _, config = described(loop, reference)
    except (NotFoundError, RunError):
        return False
    return _is_visible(config.project, project)


def _is_visible(owner: str | None, project: str | None) -> bool:
    """Tell whether what belongs to an owner may be seen."""
    return project is None or owner is None or owner == project
