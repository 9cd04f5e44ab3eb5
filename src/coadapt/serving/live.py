"""Hold what serves right now: one pipeline a project, replaced by swapping one reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coadapt.serving.pipeline import Pipeline
from coadapt.serving.rules import ProjectRules


@dataclass(frozen=True)
class Live:
    """Hold the live pipeline, the rules and the last fault of each project."""

    rules_by_project: Mapping[str, ProjectRules] = field(default_factory=dict)
    _pipelines: dict[str, Pipeline] = field(default_factory=dict)
    _faults: dict[str, str] = field(default_factory=dict)

    def get(self, project: str) -> Pipeline | None:
        """Return the live pipeline of a project, None before the first promotion."""
        return self._pipelines.get(project)

    def swap(self, project: str, pipeline: Pipeline) -> None:
        """Let a pipeline serve from the next question on."""
        self._pipelines[project] = pipeline
        self._faults.pop(project, None)

    def fail(self, project: str, reason: str) -> None:
        """Remember why a project does not serve what it should."""
        self._faults[project] = reason

    def references(self) -> dict[str, str]:
        """Return the live pipeline's reference of each project."""
        return {project: live.reference for project, live in self._pipelines.items()}

    def faults(self) -> dict[str, str]:
        """Return the reason of each project that is degraded."""
        return dict(self._faults)

    def rules(self, project: str) -> ProjectRules:
        """Return what holds for a project."""
        return self.rules_by_project.get(project, ProjectRules())
