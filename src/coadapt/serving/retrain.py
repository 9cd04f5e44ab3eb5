"""Retrain in a child process of low priority, and let the new run serve if it holds up."""

from __future__ import annotations

import json
import logging
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Signal
from threading import Lock, Thread
from typing import Any, Final

from coadapt.domain.containment import contained
from coadapt.domain.errors import CoadaptError, ConfigError, ConflictError, NotFoundError
from coadapt.domain.events import Event
from coadapt.serving.loop import Loop
from coadapt.serving.promote import add_and_promote
from coadapt.serving.rules import RetrainRules

_logger = logging.getLogger(__name__)

TICK_S: Final = 1.0
LOWEST_PRIORITY: Final = 19

_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Commands:
    """Hold the command lines of the children, and variables for what these must not show.

    `train` takes a config's path and a project; `compare` the ids of the new run and the champion.
    """

    train: Callable[[Path, str], Sequence[str]]
    compare: Callable[[str, str], Sequence[str]]
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Training:
    """Say how a project's newest training stands: `running`, `promoted`, `kept` or `failed`.

    A run is kept, and does not serve, when its metric is too far below the champion's or that of
    a champion that serves no more.
    """

    status: str = "running"
    run: str | None = None
    pipeline: str | None = None
    reason: str | None = None
    child: subprocess.Popen[str] | None = field(default=None, repr=False)


class Retrainer:
    """Start trainings by time, by new events or on request; one a project at a time.

    `monotonic_s` is a clock that never goes back.
    """

    def __init__(self, loop: Loop, commands: Commands, monotonic_s: Callable[[], float]) -> None:
        self._loop = loop
        self._commands = commands
        self._monotonic_s = monotonic_s
        self._trainings: dict[str, Training] = {}
        self._n_new: Counter[str] = Counter()
        self._started_s: dict[str, float] = dict.fromkeys(self._rules(), monotonic_s())
        self._changing = Lock()
        self._is_closing = Signal()
        loop.journal.add_watcher(self._watch)
        self._thread = Thread(target=self._run, name="retrain", daemon=True)
        self._thread.start()

    def start(self, project: str) -> None:
        """Start a training. Raises NotFoundError without a config, ConflictError while one runs."""
        rules = self._rules().get(project)
        if rules is None:
            raise NotFoundError("no retraining is configured for this project", field="project")
        with self._changing:
            running = self._trainings.get(project)
            if running is not None and running.status == "running":
                raise ConflictError("a training of this project is running", field="project")
            training = self._trainings[project] = Training()
            self._started_s[project] = self._monotonic_s()
            self._n_new[project] = 0
        Thread(target=self._train, args=(project, rules, training), daemon=True).start()

    def state(self, project: str) -> dict[str, Any] | None:
        """Return how a project's newest training stands, None before the first."""
        training = self._trainings.get(project)
        if training is None:
            return None
        return {name: getattr(training, name) for name in ("status", "run", "pipeline", "reason")}

    def close(self) -> None:
        """Stop starting trainings, and end those that run."""
        self._is_closing.set()
        self._thread.join()
        for training in self._trainings.values():
            if training.child is not None and training.child.poll() is None:
                training.child.terminate()

    def _rules(self) -> dict[str, RetrainRules]:
        """Return the rules of each project that retrains."""
        every = self._loop.live.rules_by_project.items()
        return {name: rules.retrain for name, rules in every if rules.retrain is not None}

    def _watch(self, events: Sequence[Event]) -> None:
        """Count what clients sent."""
        self._n_new.update(event.project for event in events if not event.type.startswith("$"))

    def _run(self) -> None:
        """Start whatever is due, until closed."""
        while not self._is_closing.wait(TICK_S):
            for project, rules in self._rules().items():
                if self._is_due(project, rules):
                    with suppress(ConflictError):
                        self.start(project)

    def _is_due(self, project: str, rules: RetrainRules) -> bool:
        """Tell whether time or new events ask for a training and none is running."""
        training = self._trainings.get(project)
        if training is not None and training.status == "running":
            return False
        n_new = self._n_new[project]
        if rules.min_events is not None and n_new >= rules.min_events:
            return True
        age_s = self._monotonic_s() - self._started_s[project]
        return rules.every_minutes is not None and n_new > 0 and age_s >= rules.every_minutes * 60

    def _train(self, project: str, rules: RetrainRules, training: Training) -> None:
        """Run the child and let its run serve if it holds up.

        However this ends, the state says so: one that stayed `running` would be the last.
        """
        with contained() as held:
            command = self._commands.train(rules.config, project)
            training.run = str(self._child(command, training)["run"])
            training.pipeline = self._adopt(project, rules, training)
            training.status = "kept" if training.pipeline is None else "promoted"
        if held.error is not None:
            training.status, training.reason = "failed", _reason_of(held.error)
        _logger.info("project %s: training %s (%s)", project, training.status, training.reason)
        self._loop.tally.add("trainings", project, training.status)

    def _child(self, command: Sequence[str], training: Training) -> dict[str, Any]:
        """Run a child process to its end and return the JSON of its last line."""
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **_ONE_THREAD, **self._commands.variables},
        )
        training.child = child
        os.setpriority(os.PRIO_PROCESS, child.pid, LOWEST_PRIORITY)
        printed, complaint = child.communicate()
        if child.returncode != 0:
            last = complaint.strip().splitlines()[-1:] or ["no reason was printed"]
            raise CoadaptError(f"the training failed: {last[0]}")
        return _last_line(printed)

    def _adopt(self, project: str, rules: RetrainRules, training: Training) -> str | None:
        """Promote a new run into the live pipeline's place.

        None if it falls short, or if another pipeline came to serve while the two were compared.
        """
        live = self._loop.live.get(project)
        if live is None:
            return add_and_promote(self._loop, project, {"recommender": training.run})
        if not self._holds_up(rules, training, live.config.recommender):
            return None
        with self._loop.changing:
            if self._loop.live.references().get(project) != live.reference:
                training.reason = "another pipeline came to serve while this run was compared"
                return None
            document = {**live.config.model_dump(mode="json"), "recommender": training.run}
            return add_and_promote(self._loop, project, document)

    def _holds_up(self, rules: RetrainRules, training: Training, champion: str) -> bool:
        """Tell whether a run's metric is within the margin of the champion's on the same events."""
        command = self._commands.compare(training.run or "", champion)
        metrics = self._child(command, training)
        if rules.metric not in metrics["new"]:
            raise ConfigError("the run has no metric of the name that `retrain.metric` gives")
        new, old = (metrics[side][rules.metric] for side in ("new", "champion"))
        training.reason = f"{rules.metric} {new:.4f}, the champion's {old:.4f}"
        return bool(new >= old * (1 - rules.margin))


def _reason_of(error: Exception) -> str:
    """Return why a training failed, as its state may say it; what nobody foresaw is logged."""
    if isinstance(error, CoadaptError):
        return error.message
    _logger.error("a training failed", exc_info=error)
    return "the training did not end as it should"


def _last_line(printed: str) -> dict[str, Any]:
    """Return the JSON object of the last line. Raises CoadaptError if there is none."""
    with suppress(json.JSONDecodeError, IndexError):
        content = json.loads(printed.strip().splitlines()[-1])
        if isinstance(content, dict):
            return content
    raise CoadaptError("the training ended without a word of what it made")
