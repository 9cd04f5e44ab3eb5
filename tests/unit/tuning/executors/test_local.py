"""Whatever befalls a trial, the study hears of it and goes on."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coadapt.testing.objectives import Bowl
from coadapt.tuning.executors.base import Report
from coadapt.tuning.executors.local import Limits, LocalExecutor
from coadapt.tuning.trials import Trial

GOOD, BAD = Trial(0, {"x": 0.8}), Trial(1, {"x": 0.2})


SLEEPER = """
from coadapt.testing.objectives import Bowl
from coadapt.tuning.trials import Trial
from coadapt.tuning.executors.local import LocalExecutor
if __name__ == "__main__":
    executor = LocalExecutor(Bowl("sleep"))
    executor.start(Trial(0, {"x": 0.2}))
    print(executor._running[0].process.pid, flush=True)
    executor.wait()
"""


def ends_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and Path(f"/proc/{pid}").exists():
        time.sleep(0.05)
    return not Path(f"/proc/{pid}").exists()


def ended(objective: Bowl, trial: Trial, limits: Limits | None = None):
    with LocalExecutor(objective, limits=limits) as executor:
        executor.start(trial)
        return executor.wait()


def test_a_trial_that_ends_well_says_its_value_and_how_long_it_took() -> None:
    outcome = ended(Bowl(), GOOD)
    assert outcome.value == pytest.approx(0.01)
    assert outcome.state == "done"
    assert outcome.seconds > 0


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("raise", "ValueError: x is too small"),
        ("die", "killed by signal 11"),
        ("nan", "the value is nan"),
    ],
)
def test_a_trial_in_trouble_is_a_failed_one_with_its_reason(trouble, message) -> None:
    outcome = ended(Bowl(trouble), BAD)
    assert outcome.state == "failed"
    assert message in outcome.message


def test_a_trial_past_its_time_is_ended() -> None:
    outcome = ended(Bowl("sleep"), BAD, Limits(seconds=0.5))
    assert outcome.message == "ran for more than 0.5 s"
    assert outcome.seconds < 30


def test_a_trial_past_its_processor_time_is_ended() -> None:
    outcome = ended(Bowl("spin"), BAD, Limits(cpu_seconds=1))
    assert outcome.message == "used more than 1 s of processor time"


def test_a_trial_waits_for_the_answer_to_its_report_and_stops_when_told() -> None:
    with LocalExecutor(Bowl(n_steps=3)) as executor:
        executor.start(GOOD)
        report = executor.wait()
        assert isinstance(report, Report)
        report.answer(True)
        assert executor.wait().state == "stopped"
    assert (report.step, report.value) == (1, pytest.approx(1.01))


def test_trials_run_side_by_side() -> None:
    with LocalExecutor(Bowl(), n_jobs=2) as executor:
        executor.start(GOOD)
        executor.start(BAD)
        assert {executor.wait().trial.number, executor.wait().trial.number} == {0, 1}


def test_a_trial_does_not_outlive_a_study_that_is_killed() -> None:
    study = subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE, text=True)
    assert study.stdout is not None
    child = int(study.stdout.readline())
    study.kill()
    study.communicate()
    assert ends_within(child, seconds=20)


def test_leaving_ends_what_is_under_way() -> None:
    with LocalExecutor(Bowl("sleep")) as executor:
        executor.start(BAD)
    assert multiprocessing.active_children() == []


def test_a_trial_that_ended_while_nobody_listened_is_not_late() -> None:
    with LocalExecutor(Bowl(), limits=Limits(seconds=0.5)) as executor:
        executor.start(GOOD)
        assert executor._running[0].connection.poll(60)
        time.sleep(0.6)
        assert executor.wait().state == "done"
