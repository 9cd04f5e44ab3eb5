"""Assemble the loop: the log, the state it folds into, what serves, and what learns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from threading import RLock

from coadapt.serving.exposures import Exposures
from coadapt.serving.journal import Journal
from coadapt.serving.learn import Learner
from coadapt.serving.live import Live
from coadapt.serving.rules import ProjectRules
from coadapt.serving.scoring import Scorer
from coadapt.serving.tally import Tally
from coadapt.serving.valuing import ValueOptions, Valuing
from coadapt.stores.base import EventStore, FeatureStore, RunStore


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """Bound what one process takes on; `seed` fixes the policies' draws."""

    max_waiting: int = 512
    max_exposures: int = 200_000
    seed: int | None = None
    value: ValueOptions = field(default_factory=ValueOptions)


@dataclass(frozen=True)
class Loop:
    """Hold everything that the use cases work on; make one with `assemble`.

    Who changes what serves holds `changing` from the first look at what does to the end: a change
    that came between would be undone, or missed by the record that a restart reads. `let_go` is
    called when all is closed.
    """

    store: EventStore
    features: FeatureStore
    runs: RunStore
    live: Live
    tally: Tally
    learner: Learner
    journal: Journal
    scorer: Scorer
    valuing: Valuing
    new_id: Callable[[], str] = field(default=lambda: token_hex(16))
    let_go: Callable[[], None] = field(default=lambda: None)
    changing: RLock = field(default_factory=RLock)

    def faults(self) -> dict[str, str]:
        """Return the reason of each project that is degraded."""
        return {**self.valuing.faults(), **self.live.faults()}

    def close(self) -> None:
        """Finish what was accepted, then let go of the stores."""
        self.scorer.close()
        self.journal.close()
        self.valuing.close()
        self.store.close()
        self.let_go()


def assemble(
    store: EventStore,
    features: FeatureStore,
    runs: RunStore,
    rules: Mapping[str, ProjectRules] | None = None,
    options: LoopOptions | None = None,
) -> Loop:
    """Start the threads of a loop over stores that are open and state that is level."""
    chosen = options or LoopOptions()
    live = Live(rules or {})
    tally = Tally()
    learner = Learner(live, tally, Exposures(chosen.max_exposures))
    return Loop(
        store=store,
        features=features,
        runs=runs,
        live=live,
        tally=tally,
        learner=learner,
        journal=Journal(store, features, [learner.watch], [learner.exposures.forget]),
        scorer=Scorer(max_waiting=chosen.max_waiting, seed=chosen.seed),
        valuing=Valuing(store, features, tally, chosen.value),
    )
