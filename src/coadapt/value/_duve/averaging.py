"""Average what several members foresee into one forecast."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import expit

from coadapt.data.batches import BoolArray, FloatArray, ScoreArray
from coadapt.value._duve.heads import Outlook
from coadapt.value._quantiles import with_prior, zero_inflated_log_normal
from coadapt.value.forecasts import Forecast


def forecast_of(outlooks: ScoreArray, is_prior: BoolArray, prior: FloatArray) -> Forecast:
    """Return the members' mean; users of `is_prior` (n,) get the prior (see `prior_of`).

    `outlooks` holds the columns of `Outlook` as rows, shape (n_members, 7, n).
    """
    mean = _mean(outlooks)
    spend = _spend(mean)
    forecast = Forecast(
        quantiles=spend.quantiles,
        expected_spend=spend.expected_spend,
        is_prior=is_prior,
        p_return=mean["comes_back"],
        p_purchase_session=mean["buys_now"],
        n_events=mean["n_events"],
        n_referrals=mean["n_referrals"],
    )
    return with_prior(forecast, is_prior, prior)


def expected_spend_of(outlooks: ScoreArray) -> FloatArray:
    """Return the expected spend of the members' mean, shape (n,); nobody gets the prior."""
    return _spend(_mean(outlooks)).expected_spend


def _mean(outlooks: ScoreArray) -> dict[str, FloatArray]:
    """Return each of the heads' outputs, probabilities and means as such, over the members."""
    columns = outlooks.astype(np.float64)
    columns[:, _LOG_ODDS] = expit(columns[:, _LOG_ODDS])
    columns[:, _LOG_MEANS] = np.exp(np.minimum(columns[:, _LOG_MEANS], 12.0))
    return dict(zip(Outlook._fields, columns.mean(axis=0), strict=True))


def _spend(mean: dict[str, FloatArray]) -> Forecast:
    """Return the spend that a mean outlook foresees."""
    return zero_inflated_log_normal(mean["spend"], mean["mu"], mean["sigma"])


def _places(*names: str) -> list[int]:
    """Return where some of a head's outputs stand."""
    return [Outlook._fields.index(name) for name in names]


_LOG_ODDS: Final = _places("spend", "comes_back", "buys_now")
_LOG_MEANS: Final = _places("n_events", "n_referrals")
