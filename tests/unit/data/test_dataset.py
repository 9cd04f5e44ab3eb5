from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coadapt.data.dataset import Dataset, Vocabulary
from coadapt.domain.errors import DataError


def test_a_vocabulary_numbers_ids_in_their_order() -> None:
    assert Vocabulary(["tea", "lamp"]).rows(["lamp", "tea"]).tolist() == [1, 0]


def test_an_unknown_id_has_row_minus_one() -> None:
    vocabulary = Vocabulary(["tea"])
    assert (vocabulary.row("lamp"), vocabulary.rows(["lamp"]).tolist()) == (-1, [-1])


def test_a_vocabulary_refuses_the_same_id_twice() -> None:
    with pytest.raises(DataError, match="twice"):
        Vocabulary(["tea", "tea"])


def test_a_vocabulary_knows_what_it_holds() -> None:
    vocabulary = Vocabulary(["tea"])
    assert ("tea" in vocabulary, "lamp" in vocabulary, len(vocabulary)) == (True, False, 1)


def test_ids_with_slashes_and_emoji_are_kept(dataset) -> None:
    assert dataset([("a/b", "🎉")]).item_ids.ids == ["🎉"]


def test_events_are_sorted_by_user_and_time(dataset) -> None:
    data = dataset([("a", "x", "like", 2), ("b", "y", "like", 1), ("a", "z", "like", 1)])
    assert [data.item_ids.ids[row] for row in data.items] == ["z", "x", "y"]


def test_events_of_the_same_time_keep_the_order_of_the_log(dataset) -> None:
    data = dataset([("a", f"i{n}", "like", 7) for n in range(50)])
    assert data.items.tolist() == list(range(50))


def test_a_row_without_an_item_is_refused(dataset) -> None:
    with pytest.raises(DataError, match="item_id"):
        dataset([("a", None)])


def test_an_absent_value_is_nan(dataset) -> None:
    assert np.isnan(dataset([("a", "x")]).values).tolist() == [True]


def test_a_part_keeps_the_vocabularies_of_the_whole(dataset) -> None:
    part = dataset([("a", "x"), ("b", "y")]).where(np.array([True, False]))
    assert (part.n_events, part.n_users, part.n_items) == (1, 2, 2)


def test_the_matrix_is_one_where_a_user_met_an_item_even_twice(dataset) -> None:
    data = dataset([("a", "x"), ("a", "x"), ("b", "y")])
    assert data.matrix().toarray().tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_item_counts_count_events(dataset) -> None:
    assert dataset([("a", "x"), ("a", "x"), ("b", "y")]).item_counts.tolist() == [2, 1]


def test_popularity_is_logarithmic_and_zero_for_the_unseen(dataset) -> None:
    data = dataset([("a", "x"), ("a", "x"), ("b", "y")])
    only_x = data.where(data.items == 0)
    assert only_x.log_popularity == pytest.approx(np.log([3, 1]))


def test_histories_are_those_of_the_users_asked_for(dataset) -> None:
    histories = dataset([("a", "x"), ("b", "y"), ("b", "z")]).histories(np.array([1]))
    assert (histories.rows.tolist(), histories.offsets.tolist()) == ([1, 2], [0, 2])


def test_the_same_data_has_the_same_fingerprint(dataset) -> None:
    rows = [("a", "x"), ("b", "y")]
    assert dataset(rows).fingerprint == dataset(rows).fingerprint


def test_another_item_id_changes_the_fingerprint(dataset) -> None:
    assert dataset([("a", "x")]).fingerprint != dataset([("a", "y")]).fingerprint


def test_another_time_changes_the_fingerprint(dataset) -> None:
    first, second = dataset([("a", "x", "like", 1)]), dataset([("a", "x", "like", 2)])
    assert first.fingerprint != second.fingerprint


def test_ties_with_somebody_without_events_are_left_out(events) -> None:
    ties = pl.DataFrame({"user_id": ["a", "a"], "target_user_id": ["b", "nobody"]})
    data = Dataset.from_frame(events([("a", "x"), ("b", "x")]), ties=ties)
    assert data.ties is not None
    assert data.ties.tolist() == [[0, 1]]


def test_types_are_numbered_as_they_appear(dataset) -> None:
    data = dataset([("a", "x", "like", 1), ("a", "x", "purchase", 2), ("a", "x", "like", 3)])
    assert (data.type_names, data.types.tolist()) == (("like", "purchase"), [0, 1, 0])
