"""The LSTM is tuned in a study that stops what is hopeless and goes on where it was left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlboa.tuning
import pytest
from mlboa.contenders import Setting
from mlboa.table import Curve, TablePlan
from mlboa.tuning import Budget, tune

from coadapt.domain.errors import DataError, StudyError
from coadapt.tuning.trials import Outcome

PLAN = TablePlan(Path("nowhere"), max_epochs=4)


def made_up_training(
    setting: Setting, plan: TablePlan, is_enough: Callable[[int, float], bool]
) -> Curve:
    """Learn the better the nearer dropout is to a third, to the end or until it is enough."""
    accuracies = []
    for epoch in range(1, plan.max_epochs + 1):
        accuracies.append(0.8 - abs(setting.lstm.dropout - 1 / 3) + 0.01 * epoch)
        if is_enough(epoch, accuracies[-1]):
            break
    return Curve(tuple(accuracies), tuple(map(float, range(1, len(accuracies) + 1))))


@pytest.fixture(autouse=True)
def training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlboa.tuning, "train", made_up_training)


def follow_into(told: list[Outcome]) -> Callable[[Outcome, Outcome | None], None]:
    return lambda outcome, _best: told.append(outcome)


def test_a_study_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first: list[Outcome] = []
    second: list[Outcome] = []
    tune("random", PLAN, Budget(3), tmp_path, follow_into(first))
    tune("random", PLAN, Budget(5), tmp_path, follow_into(second))
    assert [each.trial.number for each in first + second] == [0, 1, 2, 3, 4]


def test_hopeless_trials_are_stopped_early(tmp_path: Path) -> None:
    told: list[Outcome] = []
    tune("random", PLAN, Budget(20), tmp_path, follow_into(told))
    assert {each.state for each in told} == {"done", "stopped"}
    assert all(len(each.curve) < PLAN.max_epochs for each in told if each.is_stopped)


def test_the_best_setting_keeps_its_best_epoch_and_is_read_as_written(tmp_path: Path) -> None:
    told: list[Outcome] = []
    found = tune("mlboa", PLAN, Budget(8), tmp_path, follow_into(told))
    best = min(told, key=lambda each: each.value or 0.0)
    assert found.lstm.dropout == best.trial.values["dropout"]
    assert found.lstm.keeps_best_epoch
    found.write(tmp_path / "tuned.toml", "the best")
    assert Setting.read(tmp_path / "tuned.toml") == found


def test_a_setting_that_breaks_its_training_is_a_failed_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(setting: Setting, *facts: Any) -> Curve:
        if setting.lstm.dropout > 0.3:
            raise RuntimeError("not enough memory")
        return made_up_training(setting, *facts)

    monkeypatch.setattr(mlboa.tuning, "train", breaking)
    told: list[Outcome] = []
    found = tune("random", PLAN, Budget(8), tmp_path, follow_into(told))
    failed = [each for each in told if each.state == "failed"]
    assert {each.message for each in failed} == {"RuntimeError: not enough memory"}
    assert len(told) == 8 > len(failed)
    assert found.lstm.dropout <= 0.3


def test_a_failed_trial_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaking(*_: Any) -> Curve:
        raise RuntimeError("not enough memory")

    with monkeypatch.context() as patch:
        patch.setattr(mlboa.tuning, "train", breaking)
        with pytest.raises(StudyError, match="no trial worked"):
            tune("random", PLAN, Budget(1), tmp_path, follow_into([]))
    told: list[Outcome] = []
    tune("random", PLAN, Budget(2), tmp_path, follow_into(told))
    assert [each.trial.number for each in told] == [1]


def test_data_that_are_not_there_end_the_run_and_fail_no_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_data(*_: Any) -> Curve:
        raise DataError("no data")

    with monkeypatch.context() as patch:
        patch.setattr(mlboa.tuning, "train", without_data)
        with pytest.raises(DataError):
            tune("random", PLAN, Budget(1), tmp_path, follow_into([]))
    told: list[Outcome] = []
    tune("random", PLAN, Budget(1), tmp_path, follow_into(told))
    assert [(each.trial.number, each.state) for each in told] == [(0, "done")]


def test_no_trial_begins_once_the_seconds_are_spent(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no trial"):
        tune("random", PLAN, Budget(3, seconds=0.0), tmp_path, follow_into([]))
