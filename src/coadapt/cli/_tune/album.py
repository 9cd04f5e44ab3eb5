"""Write a study's results: the best config, the table of trials, and a page with pictures."""

from __future__ import annotations

from pathlib import Path

from coadapt.cli._page import Page, Picture, write_page
from coadapt.cli._tune.pictures import history_picture, importance_picture, slices_picture
from coadapt.domain.errors import StoreError
from coadapt.tuning.importance import importances
from coadapt.tuning.results import best_toml, trials_csv
from coadapt.tuning.trials import ranked
from coadapt.tuning.tune import Tuned

BEST, TRIALS, REPORT = "best.toml", "trials.csv", "report.html"
MAX_ROWS = 10


def write_album(tuned: Tuned, folder: Path) -> list[Path]:
    """Write everything beside the journal and return the files. Raises StoreError."""
    texts = {BEST: best_toml(tuned), TRIALS: trials_csv(tuned)}
    try:
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror}") from error
    return [folder / name for name in texts] + write_page(_page(tuned), folder)


def best_columns(tuned: Tuned, n_trials: int = 5) -> list[tuple[str, ...]]:
    """Return the best trials as columns of text beside the names, the best first."""
    return list(zip(*top_rows(tuned, n_trials), strict=True))


def top_rows(tuned: Tuned, n_rows: int = MAX_ROWS) -> list[tuple[str, ...]]:
    """Return the best trials as rows of text under a head, the best first."""
    goal, names = tuned.subject.goal, tuned.subject.plan.space.names
    rows = [
        (
            str(each.trial.number),
            f"{goal.figure(each.loss):.5f}",
            f"{each.seconds:.1f}",
            *(_text(each.trial.values.get(name)) for name in names),
        )
        for each in ranked(tuned.outcomes)[:n_rows]
    ]
    return [("trial", goal.metric, "seconds", *names), *rows]


def _page(tuned: Tuned) -> Page:
    """Return the report."""
    shares = importances(tuned.subject.plan.space, tuned.outcomes)
    goal, states = tuned.subject.goal, [each.state for each in tuned.outcomes]
    lead = (
        f"{len(states)} trials: {states.count('done')} done, {states.count('stopped')} stopped "
        f"early, {states.count('failed')} failed. The best {goal.metric} ({goal.sense}) on "
        f"validation data is {goal.figure(tuned.best.loss):.5f}; the best of "
        "many trials flatters itself, so judge it once more on the test events."
    )
    pictures = (
        Picture("history", history_picture(tuned), "What each trial was worth, and the best."),
        Picture(
            "importance",
            importance_picture(shares),
            "How far the order of trials follows from each hyperparameter by itself; of a few "
            "trials that says little.",
        ),
        Picture("slices", slices_picture(tuned, shares), "Darker points are later trials."),
    )
    return Page(REPORT, f"Tuning {tuned.subject.name}", lead, top_rows(tuned), pictures)


def _text(value: object) -> str:
    """Return a hyperparameter as it is read."""
    if isinstance(value, float):
        return f"{value:.4g}"
    return "-" if value is None else str(value)
