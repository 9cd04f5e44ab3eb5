"""Forecast how often people buy again and for how much: BG/NBD with Gamma-Gamma."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import numpy as np
from pydantic import Field
from typing_extensions import override

from coadapt.data.batches import FloatArray, IntArray
from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import ConfigError, EmptyDataError
from coadapt.domain.ranges import Between, OneOf
from coadapt.domain.resources import Resources
from coadapt.value._bg_nbd import (
    Purchases,
    Rates,
    count_distribution,
    fit_rates,
    log_likelihood,
    p_alive,
)
from coadapt.value._compound import unit_quantiles
from coadapt.value._features import signed_log
from coadapt.value._gamma_gamma import Paid, Prices, expected_amount, fit_prices
from coadapt.value._ledger import Ledger
from coadapt.value._ledger_model import LedgerModel
from coadapt.value._summary import Summary
from coadapt.value.base import ValueConfig
from coadapt.value.forecasts import Forecast

__all__ = ["BGNBD", "BGNBDConfig"]

USERS_AT_ONCE: Final = 1024


class BGNBDConfig(ValueConfig):
    """Hold the unit of time, and which purchase days the Gamma-Gamma model learns from.

    The published model leaves a customer's first purchase out (`repeat`); `all` counts it.
    """

    unit_days: Annotated[float, Field(gt=0), Between(1.0, 30.0, log=True)] = 7.0
    amounts: Annotated[Literal["repeat", "all"], OneOf("repeat", "all")] = "repeat"


class BGNBD(LedgerModel[BGNBDConfig]):
    """Count days with a purchase by BG/NBD and price them by Gamma-Gamma, for any horizon.

    Both are fitted by maximum likelihood (Fader, Hardie and Lee 2005, twice). The mean is exact;
    quantiles are read from a fixed lattice of points. Refunds lower the amounts: those of the first
    day, too, are taken off what was paid later where `amounts` is `repeat`. Who never bought gets
    the forecast of a customer's first day; it is a prior for who is not known at all.
    """

    Config = BGNBDConfig

    @override
    def horizon(self, asked: int | None) -> int:
        if asked is not None and asked < 1:
            raise ConfigError("a horizon is at least one day", field="horizon_days")
        return self.config.horizon_days if asked is None else asked

    @override
    def fit(self, stream: Stream, resources: Resources, as_of: int) -> None:
        known = stream.known_at(as_of)
        ledger = Ledger(self.config.spend_types)
        ledger.update(known)
        summary = ledger.at(np.arange(known.n_users), as_of)
        buyers = summary.take(np.flatnonzero(summary.n_days))
        if len(buyers) == 0:
            raise EmptyDataError("no purchase was known at that time: give more events")
        paid = self._paid(buyers)
        is_priced = (paid.n_purchases > 0) & (paid.mean_amount > 0)
        prices = fit_prices(Paid(*(column[is_priced] for column in paid)))
        purchases = self._purchases(buyers, np.full(len(buyers), as_of))
        rates = fit_rates(purchases)
        likelihood = log_likelihood(rates, purchases)
        self._become(
            {
                "rates": np.array(rates),
                "prices": np.array(prices),
                "log_likelihood": np.array([likelihood]),
            }
        )

    @property
    def rates(self) -> Rates:
        """Return the parameters of the purchases. Raises NotFittedError."""
        return Rates(*self._learned["rates"].tolist())

    @property
    def prices(self) -> Prices:
        """Return the parameters of the amounts. Raises NotFittedError."""
        return Prices(*self._learned["prices"].tolist())

    @override
    def _forecast(self, summary: Summary, as_of: IntArray, horizon_days: int) -> Forecast:
        duration = horizon_days / self.config.unit_days
        blocks = [
            self._block(summary.take(rows), as_of[rows], duration)
            for rows in np.split(np.arange(len(summary)), _block_starts(len(summary)))
        ]
        quantiles, means = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        return Forecast(quantiles, means, summary.n_events == 0)

    def _block(
        self, summary: Summary, as_of: IntArray, duration: float
    ) -> tuple[FloatArray, FloatArray]:
        """Return quantiles and means of some users."""
        purchases, paid = self._purchases(summary, as_of), self._paid(summary)
        chances = count_distribution(self.rates, purchases, duration)
        mean_count = chances @ np.arange(chances.shape[1])
        units = self.prices.v + paid.n_purchases * paid.mean_amount
        quantiles = units[:, np.newaxis] * unit_quantiles(self.prices, chances, paid.n_purchases)
        return quantiles, mean_count * expected_amount(self.prices, paid)

    @override
    def _coordinates(self, summary: Summary, as_of: IntArray) -> FloatArray:
        purchases, paid = self._purchases(summary, as_of), self._paid(summary)
        counts = [np.log1p(column) for column in purchases]
        amount = signed_log(expected_amount(self.prices, paid))
        return np.stack([*counts, p_alive(self.rates, purchases), amount], axis=1)

    def _purchases(self, summary: Summary, as_of: IntArray) -> Purchases:
        """Return what BG/NBD reads; zeros for who never bought."""
        has_bought = summary.n_days > 0
        unit_ms = self.config.unit_days * DAY_MS
        age = np.where(has_bought, as_of - summary.first_purchase, 0) / unit_ms
        until_last = np.where(has_bought, summary.last_purchase - summary.first_purchase, 0)
        repeats = np.maximum(summary.n_days - 1, 0).astype(np.float64)
        return Purchases(repeats, until_last / unit_ms, age.clip(0))

    def _paid(self, summary: Summary) -> Paid:
        """Return what Gamma-Gamma reads; no mean is negative."""
        if self.config.amounts == "all":
            n_days, total = summary.n_days, summary.total
        else:
            n_days = np.maximum(summary.n_days - 1, 0)
            total = np.where(n_days > 0, summary.total - summary.first_day_total, 0)
        return Paid(n_days.astype(np.float64), total.clip(0) / np.maximum(n_days, 1))


def _block_starts(n_users: int) -> IntArray:
    """Return where to cut users into blocks."""
    return np.arange(USERS_AT_ONCE, n_users, USERS_AT_ONCE)
