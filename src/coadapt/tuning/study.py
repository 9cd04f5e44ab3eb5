"""Keep a study: which trials were asked for and how they went, safe from a crash at any point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from coadapt.domain.errors import StudyError
from coadapt.domain.progress import Progress, no_progress
from coadapt.tuning.base import Searcher
from coadapt.tuning.journal import StudyJournal
from coadapt.tuning.stopping import StoppingRule
from coadapt.tuning.trials import Outcome, Trial, ranked

FORMAT: Final = 1


class Study:
    """Hand out trials and take in outcomes, writing each down before anything follows from it.

    A study that was interrupted is taken up again: its calls are repeated to a fresh searcher, of
    which `progress` hears, and trials that were under way are handed out again, first. `identity`
    says what is studied; a journal of something else is refused by StudyError.
    """

    def __init__(
        self,
        journal: StudyJournal,
        identity: Mapping[str, Any],
        searcher: Searcher[Any],
        rule: StoppingRule | None = None,
        progress: Progress = no_progress,
    ) -> None:
        self.outcomes: list[Outcome] = []
        self._journal = journal
        self._searcher = searcher
        self._rule = rule
        self._curves: dict[int, dict[int, float]] = {}
        self._under_way: dict[int, Trial] = {}
        self._begin({"format": FORMAT, **identity}, progress)
        self._to_repeat = list(self._under_way.values())

    @property
    def best(self) -> Outcome | None:
        """Return the outcome of the lowest value, the first of equals; None before any worked."""
        return next(iter(ranked(self.outcomes)), None)

    @property
    def n_asked(self) -> int:
        """Count the trials that were asked for, those under way included."""
        return len(self.outcomes) + len(self._under_way)

    @property
    def n_to_repeat(self) -> int:
        """Count the trials that an interruption cut off and that nobody has taken up yet."""
        return len(self._to_repeat)

    def next_trial(self) -> Trial:
        """Return a trial that was cut off, else a new one. Raises ExhaustedError, StoreError."""
        if self._to_repeat:
            return self._to_repeat.pop(0)
        trial = self._searcher.ask()
        self._journal.append({"asked": trial.number, "values": dict(trial.values)})
        self._under_way[trial.number] = trial
        return trial

    def report(self, trial: Trial, step: int, value: float) -> bool:
        """Note a value on the way, lower being better, and tell whether the trial should stop."""
        others = [curve for number, curve in self._curves.items() if number != trial.number]
        curve = self._curves.setdefault(trial.number, {})
        curve[step] = value
        return self._rule is not None and self._rule.is_hopeless(curve, others)

    def tell(self, outcome: Outcome) -> None:
        """Take in how a trial went. Raises StoreError."""
        curve = self._curves.get(outcome.trial.number, {})
        line = replace(outcome, curve=curve).to_line()
        self._journal.append(line)
        self._take_in(Outcome.from_line(outcome.trial, line))

    def _take_in(self, outcome: Outcome) -> None:
        """Let the searcher know of what the journal knows."""
        self._under_way.pop(outcome.trial.number)
        self.outcomes.append(outcome)
        self._searcher.tell(outcome)

    def _begin(self, identity: dict[str, Any], progress: Progress) -> None:
        """Write what is studied, or repeat what the journal holds."""
        if not self._journal.lines:
            self._journal.append({"study": identity})
            return
        first, *calls = self._journal.lines
        _check_identity(first.get("study"), identity, str(self._journal.path))
        try:
            for n_done, line in enumerate(calls):
                progress(n_done, len(calls), "going through the study so far")
                self._repeat(line)
        except (KeyError, TypeError, ValueError) as error:
            raise StudyError(f"{self._journal.path}: a line says nothing known") from error

    def _repeat(self, line: Mapping[str, Any]) -> None:
        """Repeat one call to the searcher.

        Where it proposes something else now, being of another version, the journal's word stands.
        """
        if "asked" in line:
            trial = Trial(line["asked"], line["values"])
            self._searcher.repeat(trial)
            self._under_way[trial.number] = trial
            return
        trial = self._under_way[line["told"]]
        outcome = Outcome.from_line(trial, line)
        self._curves[trial.number] = dict(outcome.curve)
        self._take_in(outcome)


def _check_identity(found: Any, wanted: Mapping[str, Any], place: str) -> None:
    """Refuse a journal of another study, naming what differs."""
    if not isinstance(found, dict):
        raise StudyError(f"{place}: is no journal of a study")
    differing = [name for name in {**found, **wanted} if found.get(name) != wanted.get(name)]
    if differing:
        raise StudyError(
            f"{place} is of another study: {', '.join(differing)} differ; name another folder by "
            "--study, or give what was given then",
            field=differing[0],
        )
