"""List the users of a segment, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coadapt.data.batches import IntArray
from coadapt.domain.fields import invalid
from coadapt.domain.queries import Person
from coadapt.serving.value_standing import standing_of
from coadapt.serving.value_state import ValueState
from coadapt.stores.base import Profile
from coadapt.value.segments import SEGMENTS, segments_of

N_USERS_AT_ONCE: Final = 250
MAX_CHUNKS_A_PAGE: Final = 20
"""How often one page looks at so many users; where it ends before it is full, the next goes on."""


@dataclass(frozen=True, slots=True)
class Member:
    """Hold a user of a segment with their expected spend, and the number to go on after."""

    profile: Profile
    expected_spend: float
    after: int


@dataclass(frozen=True, slots=True)
class SegmentPage:
    """Hold users of a segment; `following` is the number to go on after, None at the end."""

    members: tuple[Member, ...]
    following: int | None


def users_in_segment(
    state: ValueState, segment: str, *, after: int, limit: int, now_ms: int
) -> SegmentPage:
    """Return at most `limit` users of a segment, in the order in which they came.

    Raises InvalidInputError for a segment that there is not.
    """
    if segment not in SEGMENTS:
        raise invalid("segment", f"must be one of {', '.join(SEGMENTS)}")
    members: list[Member] = []
    features, project = state.around.features, state.around.project
    for _ in range(MAX_CHUNKS_A_PAGE):
        users = features.users(project, after=after, limit=N_USERS_AT_ONCE)
        members.extend(_members(state, users, segment, now_ms))
        if len(members) >= limit:
            return SegmentPage(tuple(members[:limit]), members[limit - 1].after)
        if len(users) < N_USERS_AT_ONCE:
            return SegmentPage(tuple(members), None)
        after = users[-1][0]
    return SegmentPage(tuple(members), after)


def _members(
    state: ValueState, users: Sequence[tuple[int, str]], segment: str, now_ms: int
) -> Iterator[Member]:
    """Yield those of the users who are of a segment; who opted out is of none."""
    features, project = state.around.features, state.around.project
    codes, spend = _standing(state, users, now_ms)
    for place in np.flatnonzero(codes == SEGMENTS.index(segment)).tolist():
        after, user_id = users[place]
        profile = features.profile(project, Person(user_id=user_id), as_of=now_ms)
        if profile is not None and profile.is_personalized:
            yield Member(profile, spend[place], after)


def _standing(
    state: ValueState, users: Sequence[tuple[int, str]], now_ms: int
) -> tuple[IntArray, list[float]]:
    """Return each user's place in SEGMENTS and expected spend."""
    people = np.array([after - 1 for after, _ in users], np.int64)
    if not len(people):
        return people, []
    with state.lock:
        state.settle()
        as_of = max(now_ms, state.newest_ms)
        with state.rows_of(people, as_of) as rows:
            forecast = state.model.value(rows, as_of)
            standing = standing_of(state, people, forecast, rows, as_of)
    return segments_of(standing, state.loaded.thresholds), forecast.expected_spend.tolist()
