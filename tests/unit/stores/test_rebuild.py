from __future__ import annotations

from coadapt.domain.queries import Person
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.rebuild import rebuild
from coadapt.stores.sql import SqlEventStore
from coadapt.testing.stores import append, make_event


def test_a_rebuild_folds_the_log_and_says_how_far_it_is() -> None:
    log, features, steps = SqlEventStore("sqlite://"), MemoryFeatureStore(), []
    append(log, make_event("a"), make_event("b"))
    assert rebuild(log, features, lambda *step: steps.append(step)) == 2
    assert steps == [(2, 2, "replaying the log")]
    assert len(features.past("default", Person("ann"), as_of=10**15).items) == 2
    log.close()


def test_a_second_rebuild_reads_only_what_is_new() -> None:
    log, features = SqlEventStore("sqlite://"), MemoryFeatureStore()
    append(log, make_event("a"))
    rebuild(log, features, lambda *_: None)
    append(log, make_event("b"))
    assert rebuild(log, features, lambda *_: None) == 1
    log.close()


def test_whoever_watches_sees_each_batch_after_it_was_folded() -> None:
    log, features, seen = SqlEventStore("sqlite://"), MemoryFeatureStore(), []
    append(log, make_event("a"), make_event("b"))
    watch = lambda batch: seen.append((batch.num_rows, features.position))  # noqa: E731
    rebuild(log, features, lambda *_: None, watch)
    assert seen == [(2, 2)]
    log.close()
