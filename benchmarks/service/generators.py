"""Run the load generators: an open loop in Node, and wrk or autocannon for saturation."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

HERE: Final = Path(__file__).resolve().parent
MILLISECONDS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Stream:
    """Say what to send: a name, a path, requests a second, and a file with a body a line."""

    name: str
    path: str
    rate: float
    bodies: Path


@dataclass(frozen=True)
class Saturation:
    """Hold what a generator without a rate reached."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    errors: int


def open_loop(
    url: str, streams: list[Stream], seconds: float, folder: Path
) -> dict[str, dict[str, float]]:
    """Send all streams at once at their rates and return each one's figures.

    Latencies count from the time a request was due. Raises SystemExit without Node.
    """
    plan = {
        "url": url,
        "seconds": seconds,
        "streams": [{**vars(stream), "bodies": str(stream.bodies)} for stream in streams],
    }
    (folder / "plan.json").write_text(json.dumps(plan))
    results = json.loads(_node(HERE / "open_loop.mjs", str(folder / "plan.json")))
    return {result["name"]: _figures(result, seconds) for result in results}


def _figures(result: dict[str, Any], seconds: float) -> dict[str, float]:
    """Return percentiles, errors and the rate that was sent."""
    latencies = np.array(result["latencies_ms"] or [np.nan])
    percentiles = zip((50, 95, 99), np.percentile(latencies, (50, 95, 99)), strict=True)
    return {
        **{f"p{percent}_ms": float(value) for percent, value in percentiles},
        "max_ms": float(latencies.max()),
        "requests_per_second": result["sent"] / seconds,
        "errors": result["errors"],
    }


def saturate(url: str, stream: Stream, seconds: int, connections: int, node: Path) -> Saturation:
    """Send as fast as answers come, by wrk where it is installed, else by autocannon."""
    if shutil.which("wrk"):
        return _wrk(url, stream, seconds, connections)
    autocannon_installed(node)
    arguments = [str(node), url + stream.path, str(stream.bodies), str(connections), str(seconds)]
    return Saturation(**json.loads(_node(HERE / "saturate.mjs", *arguments)))


def _wrk(url: str, stream: Stream, seconds: int, connections: int) -> Saturation:
    """Run wrk with one thread and read its report."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    done = subprocess.run(
        [*command, "-s", str(HERE / "bodies.lua"), url + stream.path],
        env={**os.environ, "COADAPT_BODIES": str(stream.bodies)},
        capture_output=True,
        text=True,
        check=True,
    )
    text = done.stdout
    bad = [int(count) for count in re.findall(r"Non-2xx or 3xx responses: (\d+)", text)]
    broken = [int(n) for n in re.findall(r"(?:connect|read|write|timeout) (\d+)", text)]
    return Saturation(
        requests_per_second=float(_found(r"Requests/sec:\s*([\d.]+)", text)[0]),
        p50_ms=_milliseconds(text, "50"),
        p99_ms=_milliseconds(text, "99"),
        errors=sum(bad) + sum(broken),
    )


def _milliseconds(text: str, percent: str) -> float:
    """Read one percentile of wrk's report."""
    number, unit = _found(rf"(?m)^\s+{percent}%\s+([\d.]+)(us|ms|s)", text)
    return float(number) * MILLISECONDS[unit]


def _found(pattern: str, text: str) -> tuple[str, ...]:
    """Return a pattern's groups. Raises SystemExit where wrk printed something else."""
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"wrk printed no report:\n{text}")
    return match.groups()


def autocannon_installed(folder: Path) -> None:
    """Install autocannon under a folder, once. Raises SystemExit."""
    if (folder / "node_modules" / "autocannon").exists():
        return
    if shutil.which("npm") is None:
        raise SystemExit("neither wrk nor npm is there: install wrk (apt install wrk) or Node.js")
    folder.mkdir(parents=True, exist_ok=True)
    print(f"installing autocannon under {folder} (once)", flush=True)
    install = ["npm", "install", "--no-audit", "--no-fund", "autocannon"]
    subprocess.run(install, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _node(script: Path, *arguments: str) -> str:
    """Run a script by Node and return what it prints. Raises SystemExit without Node."""
    if shutil.which("node") is None:
        raise SystemExit("the load generator needs Node.js: install it (apt install nodejs)")
    done = subprocess.run(
        ["node", str(script), *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout
