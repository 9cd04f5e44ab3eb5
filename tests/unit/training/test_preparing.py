"""A training and a judgement see the same data, cleaned and split the same way."""

from __future__ import annotations

import numpy as np
import pytest

from coadapt.domain.errors import DataError, EmptyDataError
from coadapt.training.preparing import Surroundings, prepare


def test_preparing_twice_gives_the_same(make_config, surroundings) -> None:
    first, second = (prepare(make_config(), surroundings) for _ in range(2))
    assert first.dataset.fingerprint == second.dataset.fingerprint
    assert first.split.train.fingerprint == second.split.train.fingerprint
    np.testing.assert_array_equal(first.split.test.targets.rows, second.split.test.targets.rows)


def test_the_time_of_day_changes_nothing(make_config, surroundings) -> None:
    later = prepare(make_config(), Surroundings(now_ms=surroundings.now_ms + 10**9))
    now = prepare(make_config(), surroundings)
    assert later.dataset.fingerprint == now.dataset.fingerprint


def test_events_are_cleaned_before_they_are_split(make_config, surroundings) -> None:
    config = make_config(preprocessing={"event_types": ["purchase"]})
    prepared = prepare(config, surroundings)
    assert prepared.dataset.type_names == ("purchase",)
    assert prepared.split.train.n_events < prepared.dataset.n_events
    assert prepared.reading.table.events.height == 1500


def test_every_step_is_in_the_report(make_config, surroundings) -> None:
    config = make_config(preprocessing={"event_types": ["page_view"], "min_user_events": 2})
    steps = prepare(config, surroundings).report.steps
    assert steps[0].rows_before == 1500
    assert [step.rows_before for step in steps[1:]] == [step.rows_after for step in steps[:-1]]


def test_parts_share_one_catalogue(make_config, surroundings) -> None:
    prepared = prepare(make_config(), surroundings)
    assert prepared.split.train.item_ids.ids == prepared.dataset.item_ids.ids
    assert prepared.split.refit.item_ids.ids == prepared.dataset.item_ids.ids


def test_the_split_is_the_configs(make_config, surroundings) -> None:
    config = make_config(split={"kind": "per_user_holdout"})
    last_out, holdout = (prepare(each, surroundings).split for each in (make_config(), config))
    assert holdout.train.n_events < last_out.train.n_events


def test_what_cleaning_leaves_nothing_of_is_refused(make_config, surroundings) -> None:
    with pytest.raises(EmptyDataError):
        prepare(make_config(preprocessing={"event_types": ["wave"]}), surroundings)


def test_data_without_times_are_not_split_at_one(make_config, surroundings, tmp_path) -> None:
    (tmp_path / "e.tsv").write_text("a\tx\n" * 9)
    options = {"columns": ["user_id", "item_id"], "timestamp": ""}
    data = {"source": "events_file", "path": str(tmp_path / "e.tsv"), "options": options}
    config = make_config(data=data, split={"kind": "time"})
    with pytest.raises(DataError, match="knows no times"):
        prepare(config, surroundings)
