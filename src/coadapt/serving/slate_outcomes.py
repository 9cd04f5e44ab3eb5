"""Gather the slates of a log with what came of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from coadapt.domain.errors import DataError
from coadapt.domain.events import Event
from coadapt.serving.answer_records import Answer, answer_of
from coadapt.serving.exposures import Exposures
from coadapt.serving.fallback import COLD
from coadapt.serving.learn import Learner
from coadapt.serving.live import Live
from coadapt.serving.rules import ProjectRules
from coadapt.serving.tally import Tally
from coadapt.stores.event_rows import events_of
from coadapt.training.policy_config import OffPolicyConfig

SHOWN, CONFIRMED = "$recommendation", "view_item_list"

EXPOSURES: Final = 1_000_000
SLATES_A_PERSON: Final = 1_000
"""More than a service remembers: a reward may come after many slates, and here there is time."""


@dataclass
class Earned:
    """Hold a slate and what came of it.

    `by_item` has what each shown item earned; `once` which behaviours on which items were counted.
    """

    answer: Answer
    by_item: dict[str, float] = field(default_factory=dict)
    once: set[tuple[str, str]] = field(default_factory=set)
    is_confirmed: bool = False

    def add(self, event: Event, item_id: str, worth: float) -> None:
        """Add what an event is worth to the place of an item."""
        self.by_item[item_id] = self.by_item.get(item_id, 0.0) + worth
        self.once.add((item_id, event.type))

    def rewards(self, n_places: int) -> list[float]:
        """Return what came of each of the first places."""
        return [self.by_item.get(item_id, 0.0) for item_id in self.answer.item_ids[:n_places]]


@dataclass
class SlateOutcomes:
    """Take in a project's events in log order, and know what the newest slates led to.

    A slate counts if a policy chose it, in a state at or behind the log position `after`. A reward
    finds its slate as it does while serving: by the slate's id, else by the last one that showed
    the item to the person within the attribution window.
    """

    config: OffPolicyConfig
    project: str
    after: int
    skipped: Counter[str] = field(default_factory=Counter)
    newest_ms: int = 0

    def __post_init__(self) -> None:
        rules = ProjectRules(attribution_window_ms=self.config.attribution_window_ms)
        exposures = Exposures(EXPOSURES, SLATES_A_PERSON)
        self._learner = Learner(Live({self.project: rules}), Tally(), exposures)
        self._slates: dict[str, Earned] = {}
        self._currencies: set[str] = set()

    def take_in(self, batch: pa.RecordBatch) -> None:
        """Take in a batch in EVENT_SCHEMA. Raises DataError for values in several currencies."""
        kept = pa.array([SHOWN, CONFIRMED, *self.config.rewards])
        for event in events_of(batch.filter(pc.is_in(batch.column("type"), kept))):
            self.newest_ms = max(self.newest_ms, event.timestamp)
            if event.type == SHOWN:
                self._remember(event)
            elif event.type == CONFIRMED and event.recommendation_id in self._slates:
                self._slates[event.recommendation_id].is_confirmed = True
            if event.type in self.config.rewards and event.item_id is not None:
                self._join(event, event.item_id)

    def seen(self) -> tuple[list[Earned], int]:
        """Return the slates that were seen, in log order, and how many were not.

        Where a surface tells what was on the screen, those of which it did.
        """
        slates = list(self._slates.values())
        telling = {each.answer.query.surface for each in slates if each.is_confirmed}
        seen = [
            each for each in slates if each.is_confirmed or each.answer.query.surface not in telling
        ]
        return seen, len(slates) - len(seen)

    def n_open(self, slates: Sequence[Earned]) -> int:
        """Count the slates of which more may come: the log ends before their window does."""
        closed_ms = self.newest_ms - self.config.attribution_window_ms
        return sum(each.answer.query.as_of > closed_ms for each in slates)

    def _remember(self, event: Event) -> None:
        """Remember a slate, and whether it counts."""
        self._learner.remember(event)
        answer = answer_of(event)
        if answer is None:
            self.skipped["malformed"] += 1
        elif answer.is_replay:
            self.skipped["shown to nobody"] += 1
        elif answer.fallback not in (None, COLD):
            self.skipped["not personal"] += 1
        elif answer.log_position < self.after:
            self.skipped["too early"] += 1
        else:
            self._slates[answer.recommendation_id] = Earned(answer)
        if len(self._slates) > self.config.max_slates:
            self.skipped["too many"] += 1
            del self._slates[next(iter(self._slates))]

    def _join(self, event: Event, item_id: str) -> None:
        """Add what an event is worth to the place that it is due to."""
        exposure = self._learner.slate_of(event)
        slate = None if exposure is None else self._slates.get(exposure.recommendation_id)
        if slate is None or item_id not in slate.answer.item_ids:
            return
        worth = self.config.rewards[event.type]
        if worth == "value":
            slate.add(event, item_id, self._value_of(event))
        elif (item_id, event.type) not in slate.once:
            slate.add(event, item_id, worth)

    def _value_of(self, event: Event) -> float:
        """Return an event's value. Raises DataError where currencies would be added up."""
        if event.value is not None and event.currency is not None:
            self._currencies.add(event.currency)
        if len(self._currencies) > 1:
            raise DataError(
                "the values of rewards are in several currencies: count them, by a number each",
                field="off_policy.rewards",
            )
        return event.value or 0.0
