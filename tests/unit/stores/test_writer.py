from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from coadapt.domain.errors import OverloadedError, StoreError, StoreFullError
from coadapt.stores._engine import open_database
from coadapt.stores._tombstones import Tombstones
from coadapt.stores._writer import Job, Writer
from coadapt.stores.migrations import migrate


@pytest.fixture
def writer() -> Iterator[Writer]:
    database = open_database("sqlite://")
    migrate(database.engine)
    writer = Writer(database, Tombstones("00"), max_waiting_rows=10)
    yield writer
    writer.close()
    database.engine.dispose()


@pytest.fixture
def gate(writer: Writer) -> Iterator[Event]:
    """Hold the writer's thread until set."""
    gate, started = Event(), Event()
    writer.submit(Job(lambda _: started.set() or gate.wait(), 0))
    started.wait()
    yield gate
    gate.set()


def test_what_waits_is_committed_together(writer: Writer, gate: Event) -> None:
    jobs = [Job(lambda transaction: transaction, 1) for _ in range(5)]
    for job in jobs:
        writer.submit(job)
    gate.set()
    assert len({id(job.future.result(30)) for job in jobs}) == 1


def test_the_oldest_of_a_group_is_told_last(writer: Writer, gate: Event) -> None:
    told: list[int] = []
    jobs = [Job(lambda _: None, 1) for _ in range(3)]
    for place, job in enumerate(jobs):
        job.future.add_done_callback(lambda _, place=place: told.append(place))
        writer.submit(job)
    gate.set()
    jobs[0].future.result(30)
    assert told == [2, 1, 0]


def test_too_much_waiting_work_is_refused_at_once(writer: Writer, gate: Event) -> None:
    writer.submit(Job(lambda _: None, 10))
    with pytest.raises(OverloadedError):
        writer.submit(Job(lambda _: None, 1))


def test_a_large_job_is_taken_when_nothing_waits(writer: Writer) -> None:
    job = Job(lambda _: "done", 1_000)
    writer.submit(job)
    assert job.future.result(30) == "done"


def test_a_failure_fails_its_whole_group_and_the_next_goes_on(writer: Writer, gate: Event) -> None:
    fine, broken = Job(lambda _: 1, 1), Job(lambda _: 1 / 0, 1)
    writer.submit(fine)
    writer.submit(broken)
    gate.set()
    assert isinstance(fine.future.exception(30), ZeroDivisionError)
    later = Job(lambda _: 2, 1)
    writer.submit(later)
    assert later.future.result(30) == 2


def test_what_follows_a_commit_fails_only_its_own_job(writer: Writer, gate: Event) -> None:
    def fail() -> None:
        raise StoreError("no")

    fine, broken = Job(lambda _: 1, 1), Job(lambda _: 1, 1, after=fail)
    writer.submit(fine)
    writer.submit(broken)
    gate.set()
    assert fine.future.result(30) == 1
    assert isinstance(broken.future.exception(30), StoreError)


def test_what_follows_a_commit_is_done_before_the_next_job(writer: Writer, gate: Event) -> None:
    steps: list[str] = []
    following = Job(lambda _: steps.append("next"), 1)
    writer.submit(Job(lambda _: steps.append("run"), 1, after=lambda: steps.append("after")))
    writer.submit(following)
    gate.set()
    following.future.result(30)
    assert steps == ["run", "after", "next"]


def test_why_nothing_is_written_is_known_until_something_is(
    writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise StoreFullError("the disk is full")

    for job in (Job(fail, 1), Job(fail, 1)):
        writer.submit(job)
        assert job.future.exception(30) is writer.fault
    again = Job(lambda _: 1, 1)
    writer.submit(again)
    assert (again.future.result(30), writer.fault) == (1, None)
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_a_cancelled_job_is_not_run(writer: Writer, gate: Event) -> None:
    ran: list[int] = []
    job = Job(lambda _: ran.append(1), 1)
    writer.submit(job)
    job.future.cancel()
    gate.set()
    writer.close()
    assert ran == []
