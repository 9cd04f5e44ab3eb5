"""`coadapt tune CONFIG.toml`: search for better settings; interrupt it and start it again."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from coadapt.cli._options import (
    DEFAULT_RUNS,
    DataOption,
    DataRootOption,
    JsonOption,
    RunsOption,
    check_source,
    open_runs,
)
from coadapt.cli._policy import tell, with_run
from coadapt.cli._screen import errors, print_table, progress_bar, screen
from coadapt.cli._tune.album import best_columns, write_album
from coadapt.domain.errors import ConfigError
from coadapt.domain.progress import Progress
from coadapt.serving.slate_log import open_slate_log
from coadapt.stores.base import RunStore
from coadapt.training.policy_config import PolicyRunConfig
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.policy_objective import PolicyObjective
from coadapt.tuning.study import Study
from coadapt.tuning.subject import Subject, read_subject, read_tuning
from coadapt.tuning.tune import ConfigObjective, Place, Tuned, objective_of, pinned, tune

STUDIES = Path("studies")

app = typer.Typer()


@app.command(name="tune")
def command(
    config: Annotated[Path, typer.Argument(help="What to tune, in TOML; see configs/.")],
    *,
    searcher: Annotated[str | None, typer.Option(help="Who proposes the trials (tpe).")] = None,
    trials: Annotated[int | None, typer.Option(help="Trials in all (50).")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Any other key of the table: jobs=2, options.n_startup_trials=5."
        ),
    ] = None,
    study: Annotated[
        Path | None, typer.Option(help="Folder of the study (studies/CONFIG-SEARCHER-SEED).")
    ] = None,
    data: DataOption = None,
    data_root: DataRootOption = None,
    runs: RunsOption = DEFAULT_RUNS,
    as_json: JsonOption = False,
) -> None:
    """Search for the settings that validation likes best; test data are never looked at.

    The config's table `tuning` says the same, and may change the search space; options win. A
    policy is tuned by slates in a log, scored by the run that its pipeline names.
    """
    options = {"searcher": searcher, "trials": trials}
    given = _settings(settings or ()) | {
        name: value for name, value in options.items() if value is not None
    }
    document, tuning = read_tuning(config, given)
    folder = study or STUDIES / f"{config.stem}-{tuning.searcher}-{tuning.seed}"
    subject = read_subject(document, tuning, str(config))
    check_source(subject.config, data)
    _tell_ignored(subject, tuning)
    subject = _pinned(_with_data(subject, data), folder)
    make = partial(_objective, subject, tuning, data_root, open_runs(runs))
    tuned = _run(make, tuning, folder)
    files = write_album(tuned, folder)
    if as_json:
        print(json.dumps(_summary(tuned, folder)))
        return
    _report(tuned, tuning, files, runs)


def _settings(texts: Sequence[str]) -> dict[str, Any]:
    """Return keys and values; those within a table are gathered. Raises ConfigError."""
    found: dict[str, Any] = {}
    for name, value in map(_setting, texts):
        before = found.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            found[name] = before | value
        else:
            found[name] = value
    return found


def _setting(text: str) -> tuple[str, Any]:
    """Return a key and its value; what is no TOML value is text. Raises ConfigError."""
    name, equals, value = (part.strip() for part in text.partition("="))
    if not (name and equals and value):
        raise ConfigError(f"--set {text}: write key=value, such as jobs=2", field="set")
    try:
        found = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        found = value
    table, dot, key = name.partition(".")
    return (table, {key: found}) if dot else (name, found)


def _objective(
    subject: Subject,
    tuning: TuningConfig,
    data_root: Path | None,
    runs: RunStore,
    progress: Progress,
) -> ConfigObjective:
    """Return what scores the trials; for a policy the slates are read first."""
    if not isinstance(subject.config, PolicyRunConfig):
        return objective_of(subject, tuning, data_root)
    config = with_run(subject.config, runs)
    log = open_slate_log(runs, config, progress)
    tell(log)
    slates, _ = log.slates.parted(config.off_policy.test_share)
    return PolicyObjective(replace(subject, config=config), slates)


def _run(make: Callable[[Progress], ConfigObjective], tuning: TuningConfig, folder: Path) -> Tuned:
    """Search with a bar; say where the study is when somebody stops it."""
    try:
        with progress_bar("reading") as progress:
            objective = make(progress)
            _tell_left_out(objective.subject, tuning)
            place = Place(folder, objective.check(progress))
            follow = _follower(objective.subject, tuning, progress)
            return tune(objective, tuning, place, follow, progress)
    except KeyboardInterrupt:
        errors.print(f"the study is in {folder}: the same command goes on with it", soft_wrap=True)
        raise


def _follower(
    subject: Subject, tuning: TuningConfig, progress: Progress
) -> Callable[[Study], None]:
    """Return what draws the bar: how many trials there are, and the best so far."""
    n_told = 0

    def follow(study: Study) -> None:
        nonlocal n_told
        best = "no trial yet"
        if study.best is not None:
            figure = subject.goal.figure(study.best.loss)
            best = f"best {subject.goal.metric} {figure:.5f} (trial {study.best.trial.number})"
        n_done, n_trials = len(study.outcomes), max(tuning.trials, study.n_asked)
        progress(n_done, n_trials, best)
        if n_done > n_told and not errors.is_terminal:
            errors.print(f"{n_done} of {n_trials} trials, {best}", soft_wrap=True)
        n_told = n_done

    return follow


def _with_data(subject: Subject, path: str | None) -> Subject:
    """Return a subject that reads another place, if one is given."""
    return subject if path is None else subject.with_data(path)


def _pinned(subject: Subject, folder: Path) -> Subject:
    """Return a subject whose data do not grow while trials run; tell where a log ends by that."""
    found = pinned(subject, folder)
    if subject.is_of_growing_log:
        until = found.config.data.until
        errors.print(f"the log counts up to position {until} for the whole study", soft_wrap=True)
    return found


def _summary(tuned: Tuned, folder: Path) -> dict[str, object]:
    """Return what a program reads."""
    states = [each.state for each in tuned.outcomes]
    goal, best = tuned.subject.goal, tuned.best
    return {
        "study": str(folder),
        "metric": goal.metric,
        "best": {
            "trial": best.trial.number,
            "value": goal.figure(best.loss),
            "values": dict(best.trial.values),
        },
        "n_trials": len(states),
        "n_stopped": states.count("stopped"),
        "n_failed": states.count("failed"),
    }


def _tell_ignored(subject: Subject, tuning: TuningConfig) -> None:
    """Say where stopping was asked for and nothing can be stopped."""
    is_asked = "stopping" in tuning.model_fields_set and tuning.stopping != "none"
    if is_asked and not subject.is_watched(tuning.folds):
        errors.print(
            "no trial is stopped early: this is for recommenders with epochs, on one fold, judged "
            "by an NDCG",
            soft_wrap=True,
        )


def _tell_left_out(subject: Subject, tuning: TuningConfig) -> None:
    """Say where the config as it stands is not tried, and on whose account."""
    if not tuning.config_first or subject.own_values is not None:
        return
    names = ", ".join(subject.outside)
    errors.print(
        f"the config lies outside of the space ({names}), so it is not tried itself", soft_wrap=True
    )


def _report(tuned: Tuned, tuning: TuningConfig, files: list[Path], runs: Path) -> None:
    """Print the best trials, the files, and what comes next."""
    head, *rows = best_columns(tuned)
    print_table(f"best of {len(tuned.outcomes)} trials", head, rows)
    failed = [each for each in tuned.outcomes if each.state == "failed"]
    if failed:
        screen.print(f"{len(failed)} failed; the last one: {failed[-1].message}", soft_wrap=True)
    screen.print(f"wrote {', '.join(str(path) for path in files)}", soft_wrap=True)
    if tuning.config_first and tuned.subject.own_values is not None:
        screen.print(_gain(tuned), soft_wrap=True)
    where = "" if runs == DEFAULT_RUNS else f" --runs {runs}"
    screen.print(f"next: coadapt train {files[0]}{where}", soft_wrap=True)


def _gain(tuned: Tuned) -> str:
    """Say what tuning gained over the config as it stands, on validation data."""
    goal, best = tuned.subject.goal, tuned.best
    own = next((each for each in tuned.outcomes if each.trial.number == 0), None)
    if own is None or own.value is None:
        return "the config as it stands (trial 0) failed"
    if best.loss >= own.value:
        return "no trial beat the config as it stands (trial 0)"
    before, after = (goal.figure(value) for value in (own.value, best.loss))
    return f"{goal.metric} {before:.5f} as the config stands (trial 0), {after:.5f} at best"
