import numpy as np
import pytest
from contest.measures import figures_by_user, rank_held_out
from contest.split import HeldOut, Pasts, Ragged


def ragged(*users: list[int]) -> Ragged:
    items = np.array([item for user in users for item in user], np.int64)
    offsets = np.cumsum([0, *map(len, users)])
    return Ragged(items, np.arange(len(items)), np.full(len(items), np.nan), offsets)


def ranks_of(scores: list[list[float]], known: Ragged, targets: Ragged) -> list[float]:
    table = np.array(scores, np.float32)
    part = HeldOut(Pasts(np.arange(len(table)), known), targets)
    return rank_held_out(lambda pasts: table[pasts.users], part, table.shape[1]).tolist()


def test_a_rank_is_one_plus_the_items_with_higher_scores() -> None:
    assert ranks_of([[3, 2, 1, 0]], ragged([]), ragged([2])) == [3.0]


def test_an_item_that_the_user_knows_is_no_rival() -> None:
    assert ranks_of([[3, 2, 1, 0]], ragged([0]), ragged([2])) == [2.0]


def test_of_equal_scores_half_count_as_higher() -> None:
    assert ranks_of([[1, 1, 1, 0]], ragged([]), ragged([1])) == [2.0]


def test_a_held_out_item_without_a_score_ranks_last() -> None:
    assert ranks_of([[1, np.nan, 1, 0]], ragged([]), ragged([1])) == [4.0]


def test_each_user_is_ranked_by_their_own_scores() -> None:
    scores = [[3.0, 2.0, 1.0], [1.0, 2.0, 3.0]]
    assert ranks_of(scores, ragged([], []), ragged([0], [0])) == [1.0, 3.0]


def test_one_held_out_item_gives_hit_rate_and_reciprocal_rank() -> None:
    figures = figures_by_user(np.array([1.0, 11.0]), np.array([0, 1, 2]))
    assert figures["hr@10"].tolist() == [1.0, 0.0]
    assert figures["mrr"].tolist() == [1.0, 1 / 11]


def test_several_held_out_items_give_precision_and_recall() -> None:
    figures = figures_by_user(np.array([1.0, 2.0, 30.0, 40.0]), np.array([0, 4]))
    assert figures["precision@10"].tolist() == [0.2]
    assert figures["recall@10"].tolist() == [0.5]


def test_ndcg_is_one_when_the_held_out_items_are_on_top() -> None:
    figures = figures_by_user(np.array([1.0, 2.0, 3.0]), np.array([0, 3]))
    assert figures["ndcg@10"][0] == pytest.approx(1.0)
