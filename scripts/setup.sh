#!/bin/sh
# Make .venv: torch first (a CPU build unless there is an NVIDIA GPU), then everything else at pinned versions.
set -eu
cd "$(dirname "$0")/.."
PYTHON="${PYTHON:-python3}"
TORCH_CPU_INDEX="https://download.pytorch.org/whl/cpu"

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Coadapt needs Python 3.11 or newer; name one with: make setup PYTHON=python3.12" >&2
    exit 1
}
[ -x .venv/bin/pip ] || { echo "Making .venv"; "$PYTHON" -m venv .venv; }

index=""
if ! command -v nvidia-smi >/dev/null 2>&1 &&
    .venv/bin/python -c "import urllib.request as u; u.urlopen('$TORCH_CPU_INDEX/torch/', timeout=4)" 2>/dev/null; then
    index="--extra-index-url $TORCH_CPU_INDEX"
fi
echo "Installing PyTorch (the largest part)"
# shellcheck disable=SC2086
.venv/bin/pip install --quiet $index torch==2.13.0 2>.venv/setup.log || { cat .venv/setup.log >&2; exit 1; }
echo "Installing Coadapt"
.venv/bin/pip install --quiet --constraint constraints.txt --editable ".[dev]" 2>>.venv/setup.log ||
    { cat .venv/setup.log >&2; exit 1; }
touch .venv/ready
echo "Ready: .venv/bin/coadapt --help"
