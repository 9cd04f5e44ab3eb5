"""Tune the LSTM by validation users, in a study that goes on where it stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coadapt.domain.errors import CoadaptError, StudyError
from coadapt.plugins import load_plugin
from coadapt.tuning.base import Searcher
from coadapt.tuning.journal import StudyJournal
from coadapt.tuning.stopping import RULES
from coadapt.tuning.study import Study
from coadapt.tuning.trials import Outcome, Trial, outcome_of
from mlboa.contenders import Setting
from mlboa.space import SPACE, setting_of
from mlboa.table import SEED, TablePlan, train

RULE: Final = "median"

Follow = Callable[[Outcome, Outcome | None], None]


@dataclass(frozen=True, slots=True)
class Budget:
    """Say when a study is over: after so many trials, or so many processor seconds of trials."""

    trials: int
    seconds: float = float("inf")

    def is_spent(self, study: Study) -> bool:
        """Tell whether no further trial is to begin."""
        spent = sum(each.seconds for each in study.outcomes)
        return study.n_asked >= self.trials or spent >= self.seconds


def tune(
    searcher_name: str, plan: TablePlan, budget: Budget, folder: Path, follow: Follow
) -> Setting:
    """Return the best setting of a study on the table's task: a third of the training users.

    The weights of its best epoch are kept, as its value is of that epoch. `follow` hears of each
    outcome and of the best so far. Raises UnknownPluginError, StudyError, StoreError, and what
    reading the data raises.
    """
    plugin = load_plugin("tuning/searchers", searcher_name)
    searcher: Searcher[Any] = plugin(SPACE, plugin.Config(), SEED)
    identity = {
        "task": "mlboa",
        "space": SPACE.to_dict(),
        "searcher": searcher_name,
        "options": searcher.config.model_dump(mode="json"),
        "seed": SEED,
        "limit": plan.limit,
        "epochs": plan.max_epochs,
        "stopping": RULE,
    }
    with StudyJournal(folder) as journal:
        study = Study(journal, identity, searcher, RULES[RULE])
        while study.n_to_repeat or not budget.is_spent(study):
            study.tell(_try(study.next_trial(), plan, study))
            follow(study.outcomes[-1], study.best)
    if study.best is None:
        raise StudyError("no trial worked")
    return _keeping_the_best_epoch(setting_of(study.best.trial.values))


def _try(trial: Trial, plan: TablePlan, study: Study) -> Outcome:
    """Train one setting until its end, or until the study thinks that it is not worth more.

    What a setting does to its training makes a failed trial. An error of the package's own, such as
    data that are not there, is of no setting: it is raised, and the trial repeated once mended.
    """
    best = 0.0

    def is_enough(epoch: int, accuracy: float) -> bool:
        nonlocal best
        best = max(best, accuracy)
        return study.report(trial, epoch, 1.0 - best)

    started = time.process_time()
    try:
        curve = train(setting_of(trial.values), plan, is_enough)
    except CoadaptError:
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, it is told, and the study goes on
        message = f"{type(error).__name__}: {error}"
        return outcome_of(trial, None, time.process_time() - started, message)
    seconds = time.process_time() - started
    is_stopped = len(curve.accuracies) < plan.max_epochs
    return outcome_of(trial, 1.0 - max(curve.accuracies), seconds, is_stopped=is_stopped)


def _keeping_the_best_epoch(setting: Setting) -> Setting:
    """Return a setting whose LSTM is that of the epoch with the best validation accuracy."""
    kept = setting.lstm.model_copy(update={"keeps_best_epoch": True})
    return setting.model_copy(update={"lstm": kept})
