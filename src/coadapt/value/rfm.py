"""Forecast what people of the same recency, frequency and monetary value spent before: RFM."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field
from typing_extensions import override

from coadapt.data.batches import FloatArray, IntArray
from coadapt.data.stream import Stream
from coadapt.domain.ranges import Between
from coadapt.domain.resources import Resources
from coadapt.value._cutoffs import CutoffConfig
from coadapt.value._examples import gather_examples
from coadapt.value._features import age_days
from coadapt.value._ledger_model import LedgerModel
from coadapt.value._quantiles import prior_of, with_prior
from coadapt.value._summary import Summary
from coadapt.value.forecasts import Forecast

__all__ = ["RFM", "RFMConfig"]


class RFMConfig(CutoffConfig):
    """Hold into how many groups each measure is cut, and how many people a segment needs.

    A smaller segment forecasts with the one of its recency and frequency, then of its recency, then
    of everybody.
    """

    n_groups: Annotated[int, Field(ge=1, le=20), Between(2, 12)] = 5
    min_examples: Annotated[int, Field(ge=1), Between(20, 500, log=True)] = 100


class _Segments(NamedTuple):
    """Hold the inner edges, shape (3, n_groups - 1), and the spend of segments and of everybody.

    `spend` holds quantiles at LEVELS and the mean, shape (n_groups³, N_LEVELS + 1).
    """

    edges: FloatArray
    spend: FloatArray
    prior: FloatArray


class RFM(LedgerModel[RFMConfig]):
    """Give everybody the distribution of spend that their segment had after past cut-offs.

    Segments are quantile groups of days since the last event, days with a purchase, and net spend
    a day with a purchase (Hughes 1994).
    """

    Config = RFMConfig

    @override
    def fit(self, stream: Stream, resources: Resources, as_of: int) -> None:
        examples = gather_examples(stream, self.config, as_of)
        measures = _measures(examples.summary, examples.cutoffs)
        inner = np.arange(1, self.config.n_groups) / self.config.n_groups
        edges = np.quantile(measures, inner, axis=1).T
        spend = _spend_by_segment(_groups(measures, edges), examples.spend, self.config)
        self._become(_Segments(edges, spend, prior_of(examples.spend))._asdict())

    @override
    def _forecast(self, summary: Summary, as_of: IntArray, horizon_days: int) -> Forecast:
        segments = _Segments(**self._learned)
        groups = _groups(_measures(summary, as_of), segments.edges)
        spend = segments.spend[_segment_rows(groups, self.config.n_groups)]
        is_prior = summary.n_events == 0
        forecast = Forecast(spend[:, :-1], spend[:, -1], is_prior)
        return with_prior(forecast, is_prior, segments.prior)

    @override
    def _coordinates(self, summary: Summary, as_of: IntArray) -> FloatArray:
        edges = _Segments(**self._learned).edges
        return _groups(_measures(summary, as_of), edges).T / self.config.n_groups


def _measures(summary: Summary, as_of: IntArray) -> FloatArray:
    """Return freshness, frequency and monetary value, shape (3, n); higher is better."""
    net_a_day = summary.total / np.maximum(summary.n_days, 1)
    return np.stack((-age_days(as_of, summary.last), summary.n_days, net_a_day))


def _groups(measures: FloatArray, edges: FloatArray) -> IntArray:
    """Return the group of each measure, 0 the lowest, shape (3, n)."""
    pairs = zip(edges, measures, strict=True)
    return np.stack([np.searchsorted(inner, numbers) for inner, numbers in pairs])


def _segment_rows(groups: IntArray, n_groups: int) -> IntArray:
    """Return the row of each user's segment, shape (n,)."""
    return (groups[0] * n_groups + groups[1]) * n_groups + groups[2]


def _spend_by_segment(groups: IntArray, spend: FloatArray, config: RFMConfig) -> FloatArray:
    """Return each segment's spend, a small one's from the wider one that is large enough."""
    segments = np.indices((config.n_groups,) * 3).reshape(3, -1)
    return np.stack(
        [
            prior_of(spend[_widened(groups, segments[:, row], config.min_examples)])
            for row in range(segments.shape[1])
        ]
    )


def _widened(groups: IntArray, segment: IntArray, min_examples: int) -> IntArray:
    """Return the examples of a segment, or of one that asks for fewer measures to be alike."""
    for n_alike in (3, 2, 1):
        is_alike = (groups[:n_alike] == segment[:n_alike, np.newaxis]).all(axis=0)
        if np.count_nonzero(is_alike) >= min_examples:
            return np.flatnonzero(is_alike)
    return np.arange(groups.shape[1])
