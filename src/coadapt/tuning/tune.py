"""Tune: put subject, searcher, journal and executor together and search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from coadapt.domain.errors import StudyError
from coadapt.domain.progress import Progress, no_progress
from coadapt.training.config import RunConfig
from coadapt.training.reading import newest_position
from coadapt.tuning.base import Searcher
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.executors.local import Limits, LocalExecutor
from coadapt.tuning.journal import StudyJournal, kept_identity
from coadapt.tuning.making import make_searcher
from coadapt.tuning.policy_objective import PolicyObjective
from coadapt.tuning.recommender_objective import RecommenderObjective
from coadapt.tuning.search import search
from coadapt.tuning.stopping import RULES
from coadapt.tuning.study import Study
from coadapt.tuning.subject import Subject
from coadapt.tuning.trials import Outcome
from coadapt.tuning.value_objective import ValueObjective

ConfigObjective: TypeAlias = RecommenderObjective | ValueObjective | PolicyObjective


@dataclass(frozen=True)
class Tuned:
    """Hold every outcome of a study, in the order in which trials ended, and the best."""

    subject: Subject
    outcomes: tuple[Outcome, ...]
    best: Outcome


@dataclass(frozen=True, slots=True)
class Place:
    """Hold where a study is kept, and the fingerprint of the data that its trials are judged on."""

    folder: Path
    fingerprint: str


def objective_of(
    subject: Subject, tuning: TuningConfig, data_root: Path | None
) -> RecommenderObjective | ValueObjective:
    """Return what scores the trials of a model, on validation data only; see PolicyObjective."""
    if isinstance(subject.config, RunConfig):
        return RecommenderObjective(subject, tuning.folds, data_root)
    return ValueObjective(subject, tuning.folds, data_root)


def pinned(subject: Subject, folder: Path) -> Subject:
    """Return a subject whose log has an end, though its config names none.

    It is where the study in the folder ends it, or for a new study the newest position now. Raises
    DataError.
    """
    if not subject.is_of_growing_log:
        return subject
    until = kept_identity(folder).get("until")
    if not isinstance(until, int):
        until = newest_position(subject.config.data)
    return subject.with_until(until)


def tune(
    objective: ConfigObjective,
    tuning: TuningConfig,
    place: Place,
    follow: Callable[[Study], None] = lambda _: None,
    progress: Progress = no_progress,
) -> Tuned:
    """Make the trials that a study still lacks.

    `progress` hears how far a study that was interrupted is taken up again; `follow` is called then
    and after each trial. Raises ConfigError, StudyError also where no trial worked, StoreError.
    """
    subject = objective.subject
    searcher = make_searcher(subject, tuning)
    limits = Limits(tuning.trial_seconds, tuning.trial_cpu_seconds)
    identity = _identity(searcher, tuning, subject) | {"data": place.fingerprint}
    with StudyJournal(place.folder) as journal:
        study = Study(journal, identity, searcher, RULES[tuning.stopping], progress)
        follow(study)
        with LocalExecutor(objective, tuning.jobs, limits, subject.modules) as executor:
            search(study, executor, tuning.trials, lambda _: follow(study))
    if study.best is None:
        raise _all_failed(study.outcomes)
    return Tuned(subject, tuple(study.outcomes), study.best)


def _identity(searcher: Searcher[Any], tuning: TuningConfig, subject: Subject) -> dict[str, Any]:
    """Return what makes a study this one: with anything else, its values could not be compared."""
    data = subject.config.data
    # Where a log ends is in the config, too; from here a study that goes on takes it.
    log: dict[str, Any] = {"until": data.until} if data.source == "log" else {}
    return log | {
        "config": sha256(subject.config.to_toml().encode()).hexdigest(),
        "space": subject.plan.space.to_dict(),
        "metric": subject.goal.metric,
        "folds": tuning.folds,
        "searcher": tuning.searcher,
        "options": searcher.config.model_dump(mode="json"),
        "seed": tuning.seed,
        "stopping": tuning.stopping,
        "config_first": tuning.config_first,
    }


def _all_failed(outcomes: list[Outcome]) -> StudyError:
    """Return an error that says why the last trial failed."""
    reason = outcomes[-1].message if outcomes else "the searcher proposed none"
    return StudyError(f"none of {len(outcomes)} trials worked; the last one: {reason}")
