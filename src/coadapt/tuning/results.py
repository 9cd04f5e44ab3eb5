"""Write what a study found: the best config, which trains as it is, and a table of its trials."""

from __future__ import annotations

import csv
from io import StringIO

from coadapt.stores.open import without_password
from coadapt.tuning.tune import Tuned

FIRST_COLUMNS = ("trial", "state", "metric", "value", "seconds")


def best_toml(tuned: Tuned) -> str:
    """Return the config of the best trial, defaults written out, with where it comes from."""
    goal, best = tuned.subject.goal, tuned.best
    figure = goal.figure(best.loss)
    head = (
        f"# The best of {len(tuned.outcomes)} trials: number {best.trial.number}, with a "
        f"{goal.metric} of {figure:.6g} on validation data.\n"
    )
    subject = tuned.subject
    if subject.config.data.source == "log":
        # The environment gives the password again; it is not written down.
        subject = subject.with_data(without_password(subject.config.data.path))
    return head + subject.with_values(best.trial.values).to_toml()


def trials_csv(tuned: Tuned) -> str:
    """Return a row a trial: how it went, its values, and why it failed if it did."""
    names = tuned.subject.plan.space.names
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*FIRST_COLUMNS, *names, "message"])
    goal = tuned.subject.goal
    for each in tuned.outcomes:
        figure = "" if each.value is None else goal.figure(each.value)
        values = [each.trial.values.get(name, "") for name in names]
        facts = [each.trial.number, each.state, goal.metric, figure, each.seconds]
        table.writerow([*facts, *values, each.message])
    return text.getvalue()
