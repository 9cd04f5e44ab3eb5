"""Run a study: keep the executor busy until enough trials have been made."""

from __future__ import annotations

from collections.abc import Callable

from coadapt.domain.errors import ExhaustedError
from coadapt.tuning.executors.base import Executor, Report
from coadapt.tuning.study import Study
from coadapt.tuning.trials import Outcome


def search(
    study: Study,
    executor: Executor,
    n_trials: int,
    follow: Callable[[Outcome], None] = lambda _: None,
) -> None:
    """Make trials until the study has so many, those of earlier calls included.

    It ends sooner where the searcher has nothing left to propose. Whatever interrupts it leaves a
    study that a later call takes up again. Raises StoreError.
    """
    n_running = 0
    while True:
        while n_running < executor.n_jobs and _start_one(study, executor, n_trials):
            n_running += 1
        if not n_running:
            return
        happened = executor.wait()
        if isinstance(happened, Report):
            happened.answer(study.report(happened.trial, happened.step, happened.value))
        else:
            n_running -= 1
            study.tell(happened)
            follow(happened)


def _start_one(study: Study, executor: Executor, n_trials: int) -> bool:
    """Start the next trial, if there is to be one."""
    if not study.n_to_repeat and study.n_asked >= n_trials:
        return False
    try:
        trial = study.next_trial()
    except ExhaustedError:
        return False
    executor.start(trial)
    return True
