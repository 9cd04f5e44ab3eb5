"""Make each peer an environment of its own, once."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from contest.roster import OURS


def python_of(environment: str, steps: list[list[str]], folder: Path) -> Path:
    """Return the interpreter of an environment, made first where it is missing. Raises SystemExit.

    `steps` are lists of requirements, installed one after another.
    """
    if environment == OURS:
        return Path(sys.executable)
    home = folder / environment
    python = home / "bin" / "python"
    ready = home / "ready"
    if ready.exists() and ready.read_text() == str(steps):
        return python
    print(f"making {home} (once)", flush=True)
    venv.create(home, with_pip=True)
    for requirements in steps:
        print(f"  installing {' '.join(requirements)}", flush=True)
        _install(python, requirements)
    ready.write_text(str(steps))
    return python


def _install(python: Path, requirements: list[str]) -> None:
    """Install with pip. Raises SystemExit with pip's last words."""
    command = [str(python), "-m", "pip", "install", "--quiet", *requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join(done.stderr.splitlines()[-5:])
        raise SystemExit(f"{python}: pip could not install {' '.join(requirements)}\n{last}")
