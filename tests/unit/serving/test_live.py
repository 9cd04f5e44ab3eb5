"""What serves is swapped in one step, and a fault lasts until the next success."""

import pytest

from coadapt.serving.live import Live
from coadapt.serving.pipeline import Pipeline
from coadapt.serving.rules import ProjectRules


def test_before_the_first_promotion_nothing_serves() -> None:
    live = Live()
    assert live.get("default") is None
    assert (live.references(), live.faults()) == ({}, {})


def test_a_pipeline_serves_its_project_only(pipeline: Pipeline) -> None:
    live = Live()
    live.swap("a", pipeline)
    assert live.get("a") is pipeline
    assert live.get("b") is None
    assert live.references() == {"a": "shop@1"}


def test_a_fault_leaves_the_old_pipeline_in_place(pipeline: Pipeline) -> None:
    live = Live()
    live.swap("a", pipeline)
    live.fail("a", "invalid_run")
    assert live.get("a") is pipeline
    assert live.faults() == {"a": "invalid_run"}


def test_a_swap_mends_its_own_project(pipeline: Pipeline) -> None:
    live = Live()
    live.fail("a", "first")
    live.fail("b", "other")
    live.swap("a", pipeline)
    assert live.faults() == {"b": "other"}


def test_the_last_fault_is_told() -> None:
    live = Live()
    live.fail("a", "first")
    live.fail("a", "second")
    assert live.faults() == {"a": "second"}


def test_what_was_told_does_not_change_later(pipeline: Pipeline) -> None:
    live = Live()
    faults, references = live.faults(), live.references()
    live.fail("a", "late")
    live.swap("b", pipeline)
    assert (faults, references) == ({}, {})


@pytest.mark.parametrize("project", ["unnamed", ""])
def test_a_project_without_rules_has_the_usual_ones(project: str) -> None:
    live = Live({"shop": ProjectRules(is_replay=True)})
    assert live.rules("shop").is_replay
    assert live.rules(project) == ProjectRules()


def test_two_loops_share_nothing(pipeline: Pipeline) -> None:
    first, second = Live(), Live()
    first.swap("a", pipeline)
    assert second.get("a") is None
