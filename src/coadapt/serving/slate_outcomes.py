"""Gather the slates of a log with what came of each."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from coadapt.domain.errors import DataError
from coadapt.domain.events import Event
from coadapt.serving.answer_records import Answer, answer_of
from coadapt.serving.fallback import COLD
from coadapt.serving.learn import Learner, exposure_of
from coadapt.serving.live import Live
from coadapt.serving.rules import ProjectRules
from coadapt.serving.tally import Tally
from coadapt.stores.event_rows import events_of
from coadapt.training.policy_config import OffPolicyConfig

SHOWN, CONFIRMED = "$recommendation", "view_item_list"


@dataclass
class SlateOutcomes:
    """Take in a project's events in log order, and know what the newest slates led to.

    A slate counts if a policy chose it, in a state between the log positions `after` and the end. A
    reward finds its slate as it does while serving: by the slate's id, else by the last one that
    showed the item to the person within the attribution window.
    """

    config: OffPolicyConfig
    project: str
    after: int
    skipped: Counter[str] = field(default_factory=Counter)
    confirmed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        rules = ProjectRules(attribution_window_ms=self.config.attribution_window_ms)
        self._learner = Learner(Live({self.project: rules}), Tally())
        self._answers: deque[Answer] = deque(maxlen=self.config.max_slates)
        self._rewards: dict[str, dict[str, float]] = defaultdict(dict)
        self._counted: set[tuple[str, str, str]] = set()
        self._currencies: set[str | None] = set()

    def take_in(self, batch: pa.RecordBatch) -> None:
        """Take in a batch in EVENT_SCHEMA. Raises DataError for values in several currencies."""
        kept = pa.array([SHOWN, CONFIRMED, *self.config.rewards])
        for event in events_of(batch.filter(pc.is_in(batch.column("type"), kept))):
            if event.type == SHOWN:
                self._remember(event)
            elif event.type == CONFIRMED and event.recommendation_id is not None:
                self.confirmed.add(event.recommendation_id)
            if event.type in self.config.rewards and event.item_id is not None:
                self._join(event, event.item_id)

    def answers(self) -> list[Answer]:
        """Return the slates that count, in log order.

        Where a surface tells what was on the screen, those of which it did.
        """
        telling = {each.query.surface for each in self._answers if self._is_confirmed(each)}
        seen = [
            each
            for each in self._answers
            if each.query.surface not in telling or self._is_confirmed(each)
        ]
        self.skipped["not confirmed"] = len(self._answers) - len(seen)
        return seen

    def rewards(self, answer: Answer) -> Iterator[float]:
        """Yield what came of each place of a slate."""
        by_item = self._rewards.get(answer.recommendation_id, {})
        return (by_item.get(item_id, 0.0) for item_id in answer.item_ids)

    def _is_confirmed(self, answer: Answer) -> bool:
        """Tell whether a client said that a slate was on the screen."""
        return answer.recommendation_id in self.confirmed

    def _remember(self, event: Event) -> None:
        """Remember a slate, and whether it counts."""
        exposure = exposure_of(event)
        if exposure is not None:
            self._learner.exposures.add(exposure)
        answer = answer_of(event)
        if answer is None or exposure is None:
            self.skipped["malformed"] += 1
        elif answer.is_replay:
            self.skipped["shown to nobody"] += 1
        elif answer.fallback not in (None, COLD):
            self.skipped["not personal"] += 1
        elif answer.log_position < self.after:
            self.skipped["too early"] += 1
        else:
            self.skipped["too many"] += len(self._answers) == self.config.max_slates
            self._answers.append(answer)

    def _join(self, event: Event, item_id: str) -> None:
        """Add what an event is worth to the place that it is due to."""
        exposure = self._learner.slate_of(event)
        if exposure is None or item_id not in exposure.item_ids:
            return
        worth = self.config.rewards[event.type]
        if worth == "value":
            worth = self._value_of(event)
        elif (mark := (exposure.recommendation_id, item_id, event.type)) in self._counted:
            return
        else:
            self._counted.add(mark)
        earned = self._rewards[exposure.recommendation_id]
        earned[item_id] = earned.get(item_id, 0.0) + worth

    def _value_of(self, event: Event) -> float:
        """Return an event's value. Raises DataError where currencies would be added up."""
        if event.value is not None:
            self._currencies.add(event.currency)
        if len(self._currencies) > 1:
            raise DataError(
                "the values of rewards are in several currencies: count them, by a number each",
                field="off_policy.rewards",
            )
        return event.value or 0.0
