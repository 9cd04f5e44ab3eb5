"""Make a pipeline serve, or the one before it again, without a failed request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from coadapt.domain.errors import CoadaptError, ForbiddenError, NotFoundError
from coadapt.serving.loop import Loop
from coadapt.serving.pipeline import Pipeline, make_policy, parse_pipeline
from coadapt.training.load import load_recommender

CHAMPION: Final = "champion"


def open_pipeline(loop: Loop, reference: str) -> Pipeline:
    """Load a pipeline: check format and hashes, validate, load weights, warm up.

    Raises NotFoundError, RunError, UnknownPluginError.
    """
    named = exact_reference(loop, reference)
    config = parse_pipeline(loop.runs.pipeline(named), named)
    loaded = load_recommender(loop.runs, config.recommender)
    pipeline = Pipeline(
        named, config, loaded.recommender, loaded.vocabulary, make_policy(config.policy)
    )
    pipeline.warm_up(np.random.default_rng(0))
    return pipeline


def promote(loop: Loop, project: str, reference: str) -> str:
    """Let a pipeline serve a project from the next question on; return its exact reference.

    If any step fails the old pipeline keeps serving and the project counts as degraded. Raises as
    `open_pipeline`, and ForbiddenError for another project's pipeline.
    """
    try:
        pipeline = open_pipeline(loop, reference)
    except NotFoundError:
        raise
    except CoadaptError as error:
        loop.live.fail(project, error.code)
        raise
    if pipeline.config.project not in (None, project):
        raise ForbiddenError("this pipeline belongs to another project", field="pipeline")
    loop.runs.set_alias(project, pipeline.reference, CHAMPION)
    loop.live.swap(project, pipeline)
    return pipeline.reference


def rollback(loop: Loop, project: str) -> str:
    """Promote what served before the current champion. Raises NotFoundError if nothing did."""
    past = [reference for _, reference in loop.runs.alias_history(project, CHAMPION)]
    current = loop.runs.alias(project, CHAMPION)
    earlier = [reference for reference in past if reference != current]
    if not earlier:
        raise NotFoundError("nothing served before the current pipeline", field="pipeline")
    return promote(loop, project, earlier[-1])


def resume(loop: Loop, project: str) -> None:
    """Load a project's champion at start; a broken one leaves the project degraded."""
    reference = loop.runs.alias(project, CHAMPION)
    if reference is None:
        return
    try:
        loop.live.swap(project, open_pipeline(loop, reference))
    except CoadaptError as error:
        loop.live.fail(project, error.code)


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
