"""Average what several members foresee into one forecast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from coadapt.data.batches import BoolArray, FloatArray
from coadapt.value._duve.heads import Outlook
from coadapt.value._quantiles import with_prior, zero_inflated_log_normal
from coadapt.value.forecasts import Forecast


def forecast_of(outlooks: Sequence[Outlook], is_prior: BoolArray, prior: FloatArray) -> Forecast:
    """Return the members' mean; users of `is_prior` (n,) get the prior (see `prior_of`)."""
    mean = {
        name: np.mean([_numbers(name, getattr(o, name)) for o in outlooks], axis=0)
        for name in Outlook._fields
    }
    spend = zero_inflated_log_normal(mean["spend"], mean["mu"], mean["sigma"])
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


def _numbers(name: str, column: Tensor) -> FloatArray:
    """Return a head's output on its own scale: a probability, a mean, or as it is."""
    if name in ("spend", "comes_back", "buys_now"):
        column = torch.sigmoid(column)
    if name in ("n_events", "n_referrals"):
        column = torch.exp(column.clamp_max(12.0))
    numbers: FloatArray = column.double().numpy()
    return numbers
