"""Learn from what shown items led to: join each reward to its slate and tell the policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from coadapt.domain.events import NEGATIVE, Event, is_interest
from coadapt.domain.queries import Person
from coadapt.domain.slates import Feedback
from coadapt.serving.exposures import Exposure, Exposures, keys_of
from coadapt.serving.live import Live
from coadapt.serving.tally import Tally


@dataclass(frozen=True)
class Learner:
    """Watch new events: remember slates, join rewards to them, hand both to the live policy."""

    live: Live
    tally: Tally
    exposures: Exposures = field(default_factory=Exposures)

    def watch(self, events: Sequence[Event]) -> None:
        """Take in events in log order."""
        feedback: dict[str, list[Feedback]] = defaultdict(list)
        for event in events:
            if event.type == "$recommendation":
                self.remember(event)
            elif event.item_id is not None and not event.type.startswith("$"):
                self._join(event, feedback)
        for project, joined in feedback.items():
            pipeline = self.live.get(project)
            if pipeline is not None:
                pipeline.policy.update(joined)

    def remember(self, event: Event) -> bool:
        """Remember the slate of an answer, unless it is a replay, which nobody is shown.

        Tells whether the record holds a slate at all.
        """
        exposure = exposure_of(event)
        if exposure is not None and not event.properties.get("replay"):
            self.exposures.add(exposure)
        return exposure is not None

    def _join(self, event: Event, feedback: dict[str, list[Feedback]]) -> None:
        """Add the feedback of one event, if a slate led to it."""
        if not (is_interest(event.type) or event.type in NEGATIVE):
            return
        exposure = self.slate_of(event)
        if exposure is None or event.item_id is None:
            return
        reward = 1.0 if event.value is None else event.value
        feedback[event.project].append(
            Feedback(exposure.recommendation_id, event.item_id, event.type, reward, event.timestamp)
        )
        self.tally.add("attributed_events", event.project, event.type)

    def slate_of(self, event: Event) -> Exposure | None:
        """Return the slate that an event is due to.

        That of its `recommendation_id` where it names this person's, else the last before it and
        within the attribution window that showed the item to this person.
        """
        person = Person(event.user_id, event.anonymous_id)
        if event.recommendation_id is not None:
            named = self.exposures.find(event.recommendation_id)
            if named is not None and _is_same(named, event.project, person):
                return named
        window_ms = self.live.rules(event.project).attribution_window_ms
        return self.exposures.last_of(
            event.project, person, event.item_id or "", at=event.timestamp, window_ms=window_ms
        )


def exposure_of(event: Event) -> Exposure | None:
    """Return the slate that a `$recommendation` event records, None if it records none."""
    items = event.properties.get("items")
    if not isinstance(items, list):
        return None
    return Exposure(
        event.event_id,
        event.project,
        Person(event.user_id, event.anonymous_id),
        event.timestamp,
        tuple(items),
    )


def _is_same(exposure: Exposure, project: str, person: Person) -> bool:
    """Tell whether a slate was shown to this person."""
    theirs = set(keys_of(exposure.project, exposure.person))
    return not theirs.isdisjoint(keys_of(project, person))
