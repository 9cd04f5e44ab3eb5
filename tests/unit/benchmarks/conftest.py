import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))
# Compiling benchmarks/links takes a minute, a few made-up events in plain Python none.
os.environ["NUMBA_DISABLE_JIT"] = "1"
