"""The command measures what is missing and leaves what is there as it is."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest
from contest.rows import Row, read_rows
from mlboa.contenders import CNN, CNN_AT_BEST, UNTUNED_AT_BEST
from mlboa.mixing import MIXES, Mix

SCRIPT = Path(__file__).parents[4] / "reproductions" / "mlboa.py"
SHORT = ["--mix", "tiny", "--limit", "300", "--epochs", "1", "--data", "nowhere"]

Measure = Callable[[list[str], int], list[Row]]


@pytest.fixture
def measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Measure:
    """Return the command on made-up shoppers alone, by models and seeds; it returns all rows."""
    monkeypatch.setitem(MIXES, "tiny", Mix(n_simulated=300))
    spec = importlib.util.spec_from_file_location("mlboa_command", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    command = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(command)
    monkeypatch.setattr(command, "draw_figures", lambda *_: [])
    results = tmp_path / "mlboa.json"

    def run(models: list[str], seeds: int) -> list[Row]:
        chosen = ["--models", ",".join(models), "--seeds", str(seeds)]
        command.main([*SHORT, *chosen, "--results", str(results)])
        return read_rows(results)

    return run


def measured(rows: list[Row]) -> set[tuple[str, int]]:
    return {(row["method"], row["seed"]) for row in rows}


def test_new_contenders_are_measured_beside_what_is_there(measure: Measure) -> None:
    before = measure([CNN], 1)
    after = measure([CNN, CNN_AT_BEST, UNTUNED_AT_BEST], 1)
    assert measured(after) == {(CNN, 1), (CNN_AT_BEST, 1), (UNTUNED_AT_BEST, 1)}
    assert [row for row in after if row["method"] == CNN] == before


def test_what_an_interrupted_run_lacks_is_measured_alone(
    measure: Measure, capsys: pytest.CaptureFixture[str]
) -> None:
    first = measure([CNN_AT_BEST], 1)
    capsys.readouterr()
    both = measure([CNN_AT_BEST], 2)
    assert f"{CNN_AT_BEST}, seed 1:" not in capsys.readouterr().out
    assert [row for row in both if row["seed"] == 1] == first
    assert measured(both) == {(CNN_AT_BEST, 1), (CNN_AT_BEST, 2)}
