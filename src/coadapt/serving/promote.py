"""Make a pipeline serve, or the one before it again, without a failed request."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from coadapt.domain.errors import CoadaptError, ForbiddenError, NotFoundError
from coadapt.domain.progress import Progress, no_progress
from coadapt.serving.loop import Loop
from coadapt.serving.pipeline import Pipeline
from coadapt.stores.base import AliasChange
from coadapt.training.load import load_recommender
from coadapt.training.pipeline_config import PipelineConfig, make_policy, parse_pipeline
from coadapt.training.value_load import LoadedValue, load_value

_logger = logging.getLogger(__name__)

CHAMPION: Final = "champion"


def open_pipeline(loop: Loop, reference: str) -> Pipeline:
    """Load a pipeline: check format and hashes, validate, load weights, warm up.

    Raises NotFoundError, RunError, UnknownPluginError.
    """
    named, config = described(loop, reference)
    return _loaded(loop, named, config)


def described(loop: Loop, reference: str) -> tuple[str, PipelineConfig]:
    """Return a pipeline's exact reference and its description. Raises NotFoundError, RunError."""
    named = exact_reference(loop, reference)
    return named, parse_pipeline(loop.runs.pipeline(named), named)


def _value_of(loop: Loop, config: PipelineConfig) -> LoadedValue | None:
    """Return the value model that a pipeline names.

    Raises NotFoundError, RunError, UnknownPluginError.
    """
    return None if config.value is None else load_value(loop.runs, config.value)


def _loaded(loop: Loop, named: str, config: PipelineConfig) -> Pipeline:
    """Return a pipeline that is loaded and warm."""
    loaded = load_recommender(loop.runs, config.recommender)
    pipeline = Pipeline(
        named, config, loaded.recommender, loaded.vocabulary, make_policy(config.policy)
    )
    pipeline.warm_up(np.random.default_rng(0))
    return pipeline


def promote(loop: Loop, project: str, reference: str, *, is_rollback: bool = False) -> str:
    """Let a pipeline serve a project from the next question on; return its exact reference.

    If any step fails the old pipeline keeps serving and the project counts as degraded. Raises as
    `open_pipeline`, ForbiddenError for another project's pipeline, StoreError, StoreFullError.
    """
    with loop.changing:
        try:
            named, config = described(loop, reference)
            if config.project not in (None, project):
                raise ForbiddenError("this pipeline belongs to another project", field="pipeline")
            pipeline = _loaded(loop, named, config)
            with loop.valuing.after(project, _value_of(loop, config), no_progress):
                loop.runs.set_alias(project, named, CHAMPION, is_rollback=is_rollback)
        except (NotFoundError, ForbiddenError):
            raise
        except CoadaptError as error:
            _fail(loop, project, reference, error)
            raise
        loop.live.swap(project, pipeline)
    _tell(project, named, config)
    return named


def rollback(loop: Loop, project: str) -> str:
    """Go one promotion further back. Raises NotFoundError before the first, else as `promote`."""
    with loop.changing:
        standing = _standing(loop.runs.alias_history(project, CHAMPION))
        if len(standing) < 2:
            raise NotFoundError("nothing served before the current pipeline", field="pipeline")
        return promote(loop, project, standing[-2], is_rollback=True)


def _standing(history: Sequence[AliasChange]) -> list[str]:
    """Return the promotions that no rollback has taken back, the champion last."""
    standing: list[str] = []
    for change in history:
        if change.is_rollback:
            del standing[-1:]
        elif standing[-1:] != [change.pipeline]:
            standing.append(change.pipeline)
    return standing


def resume(loop: Loop, project: str, progress: Progress = no_progress) -> None:
    """Load a project's champion at start; a broken one leaves the project degraded."""
    try:
        reference = loop.runs.alias(project, CHAMPION)
        if reference is None:
            return
        pipeline = open_pipeline(loop, reference)
        loop.live.swap(project, pipeline)
        loop.valuing.start(project, _value_of(loop, pipeline.config), progress)
    except CoadaptError as error:
        _fail(loop, project, CHAMPION, error)
    else:
        _tell(project, pipeline.reference, pipeline.config)


def _fail(loop: Loop, project: str, reference: str, error: CoadaptError) -> None:
    """Let a project count as degraded, and log why."""
    loop.live.fail(project, error.code)
    _logger.error("project %s: %s does not serve: %s", project, reference, error.message)


def _tell(project: str, reference: str, config: PipelineConfig) -> None:
    """Log what serves a project from now on."""
    values = "" if config.value is None else f", value run {config.value}"
    _logger.info("project %s: %s serves, run %s%s", project, reference, config.recommender, values)


def add_and_promote(loop: Loop, project: str, document: Mapping[str, Any]) -> str:
    """Keep a new version of a pipeline and let it serve. Raises as `promote`."""
    config = parse_pipeline({**document, "project": project}, "of the request")
    kept = config.model_dump(mode="json", exclude_none=True)
    return promote(loop, project, loop.runs.add_pipeline(config.name, kept))


def exact_reference(loop: Loop, reference: str) -> str:
    """Return `name@version`, the newest version where none is given. Raises NotFoundError."""
    if "@" in reference:
        return reference
    versions = [kept for kept in loop.runs.pipelines() if kept.rpartition("@")[0] == reference]
    if not versions:
        raise NotFoundError("no such pipeline", field="pipeline")
    return max(versions, key=lambda kept: int(kept.rpartition("@")[2]))
