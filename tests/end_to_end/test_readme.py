"""Every command in the README works, in its order, in a folder that has nothing else."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines() if line]
MAKE = [line.split("#")[0].split()[1] for line in LINES if line.startswith("make ")]
SCRIPT = [line for line in LINES if not line.startswith("make ")]
UNTIL_READY = "until curl -sf localhost:{port}/health/ready >ready.json; do sleep 0.2; done"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def newcomers_folder(tmp_path: Path) -> Path:
    """A clone after its set-up: the configs and the command, no data, no runs."""
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "coadapt").symlink_to(Path(sys.executable).parent / "coadapt")
    return tmp_path


def as_script(port: int) -> str:
    waiting = UNTIL_READY.format(port=port)
    lines = [f"{line}\n{waiting}" if line.endswith("&") else line for line in SCRIPT]
    text = "\n".join(lines).replace("8400", str(port)).replace("curl -s ", "curl -sf ")
    return f"set -eu\ntrap 'kill $(jobs -p) 2>/dev/null' EXIT\n{text}\n"


@pytest.mark.parametrize("target", MAKE)
def test_a_make_target_of_the_readme_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.timeout(240)
@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's commands use curl")
def test_the_readmes_commands_work_in_order(newcomers_folder: Path) -> None:
    clean = {name: text for name, text in os.environ.items() if not name.startswith("COADAPT_")}
    answer = subprocess.run(
        ["bash", "-c", as_script(free_port())],
        cwd=newcomers_folder,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert '"accepted":1' in answer.stdout
    assert '"recommendation_id"' in answer.stdout
    assert '"expected_spend"' in answer.stdout
