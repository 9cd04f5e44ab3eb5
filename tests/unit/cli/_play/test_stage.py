"""Both projects get the run, and the service its settings."""

from pathlib import Path

from coadapt.cli._play.stage import STILL, write_settings
from coadapt.settings import load_settings
from coadapt.stores.files import FileRunStore


def pipeline_of(folder: Path, project: str) -> dict[str, object]:
    runs = FileRunStore(folder / "runs")
    return dict(runs.pipeline(str(runs.alias(project))))


def test_one_project_explores_and_the_other_does_not(tmp_path: Path) -> None:
    write_settings(tmp_path, "a-run", 0)
    policies = [pipeline_of(tmp_path, project)["policy"] for project in ("default", STILL)]
    assert [policy["name"] for policy in policies] == ["plackett_luce", "greedy"]


def test_the_settings_are_what_serve_reads(tmp_path: Path) -> None:
    settings = load_settings(write_settings(tmp_path, "a-run", 8_123), {})
    assert settings.port == 8_123
    assert settings.runs == tmp_path / "runs"
    assert STILL in settings.projects
