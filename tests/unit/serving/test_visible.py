"""A project sees what is its own and what is nobody's."""

from typing import Any

import pytest

from coadapt.domain.errors import InvalidInputError, NotFoundError
from coadapt.serving.loop import Loop
from coadapt.serving.visible import (
    noted,
    visible_pipeline,
    visible_pipelines,
    visible_run,
    visible_runs,
)

FACTS: dict[str, Any] = {
    "kind": "recommender",
    "name": "popularity",
    "package_version": "1",
    "created_at": "2026-11-22T12:00:00Z",
    "seed": 0,
    "dataset_fingerprint": "f",
    "n_items": 1,
}


@pytest.fixture
def owned(loop: Loop) -> Loop:
    for owner in ("a", "b", None):
        loop.runs.add(f"of-{owner}", {}, FACTS | {"project": owner})
        whose = {} if owner is None else {"project": owner}
        loop.runs.add_pipeline("shop", {"recommender": f"of-{owner}", **whose})
    return loop


def test_a_project_sees_its_own_runs_and_nobodys(owned: Loop) -> None:
    assert {run.run_id for run in visible_runs(owned, "a")} == {"of-a", "of-None"}


def test_who_has_no_project_sees_everything(owned: Loop) -> None:
    assert len(visible_runs(owned, None)) == 3
    assert visible_pipelines(owned, None) == ["shop@1", "shop@2", "shop@3"]
    assert visible_run(owned, None, "of-b").project == "b"


def test_another_projects_run_is_as_if_it_were_not_there(owned: Loop) -> None:
    with pytest.raises(NotFoundError) as hidden:
        visible_run(owned, "a", "of-b")
    with pytest.raises(NotFoundError) as missing:
        visible_run(owned, "a", "of-nobody")
    assert hidden.value.message == missing.value.message


def test_what_can_be_no_runs_id_is_named_as_it_was_asked(owned: Loop) -> None:
    with pytest.raises(InvalidInputError) as caught:
        visible_run(owned, "a", "x/")
    assert (caught.value.code, caught.value.field) == ("invalid_run_id", "run_id")


def test_of_another_projects_pipeline_nothing_is_told(owned: Loop) -> None:
    assert visible_pipeline(owned, "b", "shop@2") == "shop@2"
    with pytest.raises(NotFoundError):
        visible_pipeline(owned, "a", "shop@2")


def test_a_pipeline_is_told_with_its_run_and_policy(owned: Loop) -> None:
    (note,) = noted(owned, ["shop@1"], "a")
    assert (note.recommender, note.policy, note.project) == ("of-a", "plackett_luce", "a")
    assert (note.live, note.fault) == (False, None)


def test_a_project_sees_its_own_pipelines_and_nobodys(owned: Loop) -> None:
    assert visible_pipelines(owned, "b") == ["shop@2", "shop@3"]


def test_a_pipeline_that_cannot_be_read_is_shown_to_no_project(owned: Loop) -> None:
    owned.runs.add_pipeline("broken", {"candidates": 0})
    assert "broken@1" not in visible_pipelines(owned, "b")
    assert "broken@1" in visible_pipelines(owned, None)
