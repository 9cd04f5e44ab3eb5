"""Turn trials into result rows and lines to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from contest.rows import Occasion, Row
from contest.scoring import over_seeds

from coadapt.data.batches import FloatArray, IntArray
from links.kinds import NAMES, SCALES
from links.protocol import DATASET
from links.trial import Trial

METHOD: Final = "duve encoder + link head"

FACTS: Final = {
    "dataset": DATASET,
    "protocol": "tgbl-wiki-v2: all 1,000 pages, state at the instant of each query",
    "budget": "1 thread",
}


def trial_rows(occasion: Occasion, trial: Trial, cases: IntArray) -> list[Row]:
    """Return the figures of one seed, with the half-lives that it learned."""
    figures = {"mrr": trial.test, "validation mrr": trial.validation}
    figures |= {f"mrr, {case}": mrr for case, mrr in trial.test_by_case(cases).items()}
    figures["cpu seconds"] = trial.cpu_seconds
    for name, hours, scales in zip(NAMES, trial.half_lives_hours, SCALES, strict=True):
        for scale in scales:
            figures[f"half-life in hours, {name}, scale {scale + 1}"] = float(hours[scale])
    facts = {**FACTS, "method": METHOD, "seed": trial.seed, "seconds": round(trial.seconds, 1)}
    return [occasion.row(metric, value, **facts) for metric, value in figures.items()]


def mean_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the means of all seeds among these rows, `low` and `high` one standard error away."""
    return over_seeds([row for row in rows if _is_of_a_seed(row)])


def _is_of_a_seed(row: Row) -> bool:
    """Tell whether a row is a figure of the full model with one seed."""
    is_ours = row["dataset"] == DATASET and row["method"] == METHOD
    return is_ours and row["seed"] is not None and row.get("ablation") is None


def ablation_row(occasion: Occasion, trial: Trial) -> Row:
    """Return the test MRR of a variant, which its row names."""
    facts = {"seed": trial.seed, "seconds": round(trial.seconds, 1)}
    told = {"ablation": trial.variant.name}
    return occasion.row("mrr", trial.test, **FACTS, method=METHOD, **facts, **told)


def edge_bank_row(occasion: Occasion, ranks: FloatArray) -> Row:
    """Return the row of EdgeBank, whose state TGB brings up to date every 200 events."""
    facts = {**FACTS, "protocol": "tgbl-wiki-v2: all 1,000 pages, state every 200 events"}
    return occasion.row("mrr", float(ranks.mean()), **facts, method="edgebank", peer=True)


def told(trial: Trial, cases: IntArray) -> str:
    """Return one line on a trial."""
    name = trial.variant.name or METHOD
    by_case = ", ".join(f"{case} {mrr:.4f}" for case, mrr in trial.test_by_case(cases).items())
    mrr = f"validation MRR {trial.validation:.4f}, test {trial.test:.4f} ({by_case})"
    return f"{name}, seed {trial.seed}: {mrr}; {trial.cpu_seconds:.0f} CPU s"


def told_together(trials: Sequence[Trial]) -> str:
    """Return one line on all seeds: means and standard errors."""
    parts = []
    for name in ("validation", "test"):
        found: list[Any] = [getattr(trial, name) for trial in trials]
        error = np.std(found, ddof=1) / np.sqrt(len(found)) if len(found) > 1 else 0.0
        parts.append(f"{name} MRR {np.mean(found):.4f} ± {error:.4f}")
    return f"{len(trials)} seeds: {', '.join(parts)}"


def told_half_lives(trial: Trial) -> str:
    """Return the half-lives that a model learned, a line a type."""
    lines = []
    for name, hours, scales in zip(NAMES, trial.half_lives_hours, SCALES, strict=True):
        shown = ", ".join(f"{hours[scale]:.3g}" for scale in scales)
        lines.append(f"    half-lives in hours, {name}: {shown}")
    return "\n".join(lines)
