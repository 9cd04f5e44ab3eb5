"""The house stands as its pages say."""

import re
import resource
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import coadapt

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "coadapt"
HEAVY = ("torch", "numpy", "polars", "pyarrow", "scipy", "sqlalchemy", "fastapi", "pydantic")


def modules_loaded_by(code: str) -> set[str]:
    program = f"{code}\nimport sys; print(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(answer.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert modules_loaded_by("import coadapt").isdisjoint(HEAVY)


def test_every_public_name_can_be_loaded() -> None:
    assert all(getattr(coadapt, name) is not None for name in coadapt.__all__)


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute"):
        coadapt.nothing_of_that_name  # noqa: B018


def processor_seconds_of_help() -> float:
    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    command = [sys.executable, "-c", "from coadapt.cli.main import main; main()", "--help"]
    before = spent()
    subprocess.run(command, check=True, capture_output=True)
    return spent() - before


# Processor time, since a busy machine makes everything late; nothing in it waits.
def test_help_answers_in_half_a_second() -> None:
    processor_seconds_of_help()
    assert min(processor_seconds_of_help() for _ in range(3)) < 0.5


def test_the_architecture_page_names_every_folder() -> None:
    tree = (ROOT / "ARCHITECTURE.md").read_text()
    folders = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    named = set(re.findall(r"[├└]── (\w+)/", tree))
    assert folders == named - {"sources"}


def test_the_architecture_page_is_short() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) <= 150


def test_every_extra_says_which_file_needs_it() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    declared = [line for line in lines if any(line.startswith(f"{name} = [") for name in extras)]
    named = [line for line in declared if line.split(" = ")[0] not in ("all", "dev")]
    assert all("#" in line for line in named)
