"""Any mix of appends and erasures leaves the log that a dictionary would hold."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from coadapt.stores.sql import SqlEventStore
from coadapt.testing.stores import append, erase, make_event, read

PEOPLE = st.sampled_from(["u-1", "u-12", "u-2"])
IDS = st.integers(0, 12).map(str)


class LogMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store = SqlEventStore("sqlite://")
        self.stored: dict[str, tuple[str, str]] = {}
        self.erased: set[str] = set()

    @rule(ids=st.lists(IDS, max_size=5), user=PEOPLE, digest=st.sampled_from("xy"))
    def append(self, ids: list[str], user: str, digest: str) -> None:
        events = [make_event(i, user_id=user, digest=digest) for i in ids]
        expected = tuple(self._expect(i, user, digest) for i in ids)
        assert append(self.store, *events).outcomes == expected

    @rule(user=PEOPLE)
    def erase(self, user: str) -> None:
        theirs = [i for i, (owner, _) in self.stored.items() if owner == user]
        assert erase(self.store, user).events == len(theirs)
        self.erased.add(user)
        for event_id in theirs:
            del self.stored[event_id]

    @invariant()
    def holds_what_it_should(self) -> None:
        assert [row["event_id"] for row in read(self.store)] == list(self.stored)

    def _expect(self, event_id: str, user: str, digest: str) -> str:
        if user in self.erased:
            return "erased"
        if event_id not in self.stored:
            self.stored[event_id] = (user, digest)
            return "new"
        return "duplicate" if self.stored[event_id][1] == digest else "conflict"

    def teardown(self) -> None:
        self.store.close()


LogMachine.TestCase.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
TestLog = LogMachine.TestCase
