"""Check that a recommender keeps the contract of `coadapt.recommenders.base`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from coadapt.data.batches import Histories
from coadapt.data.dataset import Dataset
from coadapt.domain.errors import NotFittedError
from coadapt.domain.resources import Resources
from coadapt.plugins import load_plugin
from coadapt.recommenders.base import Recommender
from coadapt.testing.tiny import N_ITEMS, two_tastes

Make = Callable[[], Recommender[Any]]

FIRST_TASTE = np.array([0, 1, 2])


class RecommenderContract:
    """Subclass this and override the fixture `make` with a function that constructs yours."""

    @pytest.fixture
    def make(self) -> Make:
        """Return a function that constructs an unfitted recommender, each time an equal one."""
        raise NotImplementedError("override the fixture `make` with one of your recommender")

    @pytest.fixture
    def dataset(self) -> Dataset:
        """Return what to fit on."""
        return two_tastes()

    @pytest.fixture
    def fitted(self, make: Make, dataset: Dataset) -> Recommender[Any]:
        """Return a recommender fitted on the tiny data."""
        return fit_tiny(make(), dataset)

    @pytest.fixture
    def pasts(self) -> Histories:
        """Return a past of each taste and an empty one."""
        return Histories.from_rows([FIRST_TASTE, np.array([7, 8]), np.array([], np.int64)])

    def test_scores_are_float32_for_the_whole_catalogue(
        self, fitted: Recommender[Any], pasts: Histories
    ) -> None:
        """A row of scores stands for a history, a column for an item."""
        scores = fitted.score(pasts).values
        assert scores.shape == (3, N_ITEMS)
        assert scores.dtype == np.float32

    def test_candidates_get_the_scores_they_have_in_the_catalogue(
        self, fitted: Recommender[Any], pasts: Histories
    ) -> None:
        """Candidates choose columns and nothing else."""
        candidates = np.array([9, 3, 4])
        some = fitted.score(pasts, candidates)
        everything = fitted.score(pasts).values
        np.testing.assert_allclose(some.values, everything[:, candidates], rtol=1e-4, atol=1e-5)

    def test_an_empty_history_gets_a_finite_prior(
        self, fitted: Recommender[Any], pasts: Histories
    ) -> None:
        """Nobody is too new for an answer."""
        assert np.isfinite(fitted.score(pasts).values[2]).all()

    def test_an_unknown_item_changes_nothing(self, fitted: Recommender[Any]) -> None:
        """Row -1 is skipped, also where it is all there is."""
        pasts = [FIRST_TASTE, np.array([], np.int64)]
        with_unknown = [np.array([0, -1, 1, 2]), np.array([-1])]
        plain = fitted.score(Histories.from_rows(pasts)).values
        scores = fitted.score(Histories.from_rows(with_unknown)).values
        np.testing.assert_allclose(scores, plain, rtol=1e-4, atol=1e-5)

    def test_company_does_not_matter(self, fitted: Recommender[Any], pasts: Histories) -> None:
        """A history scores alike alone and among others."""
        alone = fitted.score(pasts.take(np.array([1]))).values
        np.testing.assert_allclose(alone, fitted.score(pasts).values[1:2], rtol=1e-4, atol=1e-5)

    def test_no_histories_get_no_scores(self, fitted: Recommender[Any]) -> None:
        """Nothing asked, nothing answered."""
        assert fitted.score(Histories.from_rows([])).values.shape == (0, N_ITEMS)
        assert fitted.top(Histories.from_rows([]), 3).rows.shape == (0, 3)

    def test_loaded_weights_score_as_before(
        self, fitted: Recommender[Any], make: Make, pasts: Histories
    ) -> None:
        """Weights are all there is to know of a fitted recommender."""
        loaded = make()
        loaded.load_weights(dict(fitted.weights()))
        expected = fitted.score(pasts).values
        np.testing.assert_allclose(loaded.score(pasts).values, expected, rtol=1e-5, atol=1e-6)

    def test_weights_are_plain_arrays(self, fitted: Recommender[Any]) -> None:
        """Weights can be stored without pickle."""
        kinds = {np.asarray(array).dtype.kind for array in fitted.weights().values()}
        assert kinds <= set("biuf")

    def test_the_same_seed_gives_the_same_weights(
        self, fitted: Recommender[Any], make: Make, dataset: Dataset
    ) -> None:
        """A training can be repeated."""
        again = fit_tiny(make(), dataset).weights()
        np.testing.assert_equal(dict(again), dict(fitted.weights()))

    def test_an_unfitted_recommender_says_so(self, make: Make, pasts: Histories) -> None:
        """Neither fitted nor loaded is an error of its own."""
        with pytest.raises(NotFittedError):
            make().score(pasts)

    def test_top_leaves_out_what_was_seen(self, fitted: Recommender[Any], pasts: Histories) -> None:
        """A slate holds no item of its history, unless asked to."""
        assert not np.isin(fitted.top(pasts, N_ITEMS).rows[0], FIRST_TASTE).any()
        assert np.isin(FIRST_TASTE, fitted.top(pasts, N_ITEMS, skip_seen=False).rows[0]).all()

    def test_top_is_the_order_of_the_scores(
        self, fitted: Recommender[Any], pasts: Histories
    ) -> None:
        """`top` may be faster than `score`, not different."""
        top = fitted.top(pasts, 4, skip_seen=False)
        best = -np.sort(-fitted.score(pasts).values, axis=1)[:, :4]
        np.testing.assert_allclose(top.scores, best, rtol=1e-4, atol=1e-5)

    def test_top_keeps_to_what_is_allowed(self, fitted: Recommender[Any], pasts: Histories) -> None:
        """A mask of the catalogue limits every slate; places that stay empty hold -1."""
        allowed = np.isin(np.arange(N_ITEMS), [0, 5, 11])
        rows = fitted.top(pasts, 3, allowed).rows
        assert sorted(rows[0]) == [-1, 5, 11]
        assert sorted(rows[2]) == [0, 5, 11]

    def test_top_takes_a_mask_for_each_history(
        self, fitted: Recommender[Any], pasts: Histories
    ) -> None:
        """A mask of shape (n, n_items) limits each slate by its own row."""
        allowed = np.zeros((3, N_ITEMS), np.bool_)
        allowed[[0, 1, 2], [4, 10, 1]] = True
        assert fitted.top(pasts, 1, allowed).rows[:, 0].tolist() == [4, 10, 1]

    def test_similar_items_do_not_hold_the_item_itself(self, fitted: Recommender[Any]) -> None:
        """An item is not its own neighbour."""
        rows = fitted.similar(np.array([0, 7]), 3).rows
        assert rows.shape == (2, 3)
        assert 0 not in rows[0]
        assert 7 not in rows[1]


def fit_tiny(recommender: Recommender[Any], dataset: Dataset) -> Recommender[Any]:
    """Fit by the method itself or, for a network, by the plain strategy."""
    if hasattr(recommender, "batches"):
        load_plugin("training/strategies", "plain")().fit(recommender, dataset, Resources(seed=7))
    else:
        recommender.fit(dataset, Resources(seed=7))
    return recommender
