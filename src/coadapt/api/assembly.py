"""Open what the settings name and hand it to the loop: the one place where both meet."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import replace

from coadapt.domain.durations import DAY_MS
from coadapt.domain.events import DEFAULT_PROJECT
from coadapt.domain.progress import Progress
from coadapt.serving.loop import Loop, LoopOptions, assemble
from coadapt.serving.promote import resume
from coadapt.serving.restore import restore
from coadapt.serving.rules import ProjectRules, RetrainRules
from coadapt.serving.valuing import ValueOptions
from coadapt.settings import ProjectSettings, Settings
from coadapt.stores.base import RunStore
from coadapt.stores.exclusive import exclusive
from coadapt.stores.files import FileRunStore
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.open import open_event_store, without_password

_logger = logging.getLogger(__name__)


def open_loop(settings: Settings, progress: Progress, *, seed: int | None = None) -> Loop:
    """Open the stores, rebuild state from the log and load every project's champion.

    The log is this loop's alone until it is closed. Raises ConflictError while it is another's.
    """
    with ExitStack() as held:
        held.enter_context(exclusive(settings.store_url))
        loop = _open(settings, progress, seed)
        return replace(loop, let_go=held.pop_all().close)


def _open(settings: Settings, progress: Progress, seed: int | None) -> Loop:
    """Open the stores and bring a loop level with them."""
    limits = settings.limits
    _logger.info("opening the log %s", without_password(settings.store_url))
    loop = assemble(
        open_event_store(settings.store_url),
        MemoryFeatureStore(),
        FileRunStore(settings.runs),
        {name: _rules(project) for name, project in settings.projects.items()},
        LoopOptions(limits.max_waiting, limits.max_exposures, seed, _value_options(settings)),
    )
    loop.store.claim()
    restore(loop, progress)
    for project in _reachable(settings, loop.runs):
        resume(loop, project, progress)
    return loop


def _value_options(settings: Settings) -> ValueOptions:
    """Return how much of people's value is kept in memory, and where snapshots are."""
    limits = settings.limits
    return ValueOptions(limits.max_value_users, settings.runs / "state", limits.snapshot_every)


def projects_of(settings: Settings) -> list[str]:
    """Return every project that the settings name, and the default one."""
    keyed = (key.project for key in settings.keys)
    return sorted({DEFAULT_PROJECT, *settings.projects, *keyed})


def _reachable(settings: Settings, runs: RunStore) -> list[str]:
    """Return every project that somebody may ask; without keys it may be any that was promoted."""
    promoted = () if settings.keys else runs.projects()
    return sorted({*projects_of(settings), *promoted})


def _rules(project: ProjectSettings) -> ProjectRules:
    """Return a project's settings as the loop's own."""
    retrain = project.retrain
    return ProjectRules(
        is_replay=project.replay,
        attribution_window_ms=round(project.attribution_window_days * DAY_MS),
        retrain=None if retrain is None else RetrainRules(**retrain.model_dump()),
    )
