import numpy as np
import pytest
import torch
from scipy import stats

from coadapt.value._duve.heads import Outlook, zero_inflated_crps, zero_inflated_nll


def outlook(p: float, mu: float, sigma: float) -> Outlook:
    zero = torch.zeros(1)
    log_odds = torch.tensor([np.log(p / (1 - p))])
    return Outlook(log_odds, torch.tensor([mu]), torch.tensor([sigma]), zero, zero, zero, zero)


def sampled_crps(p: float, mu: float, sigma: float, spend: float) -> float:
    rng = np.random.default_rng(0)
    draws = np.exp(rng.normal(mu, sigma, (2, 400_000))) * (rng.random((2, 400_000)) < p)
    return float(np.abs(draws[0] - spend).mean() - 0.5 * np.abs(draws[0] - draws[1]).mean())


@pytest.mark.parametrize("spend", [0.0, 1.0, 7.0, -2.0])
def test_crps_agrees_with_sampling(spend) -> None:
    exact = zero_inflated_crps(outlook(0.3, 1.0, 0.5), torch.tensor([spend])).item()
    assert exact == pytest.approx(sampled_crps(0.3, 1.0, 0.5, spend), abs=5e-3)


def test_likelihood_is_that_of_a_log_normal_for_who_spends() -> None:
    spend = 7.0
    ours = zero_inflated_nll(outlook(0.3, 1.0, 0.5), torch.tensor([spend])).item()
    log_density = stats.lognorm.logpdf(spend, s=0.5, scale=np.exp(1.0))
    constant = 0.5 * np.log(2 * np.pi) + np.log(spend)
    assert ours == pytest.approx(-np.log(0.3) - log_density - constant, rel=1e-5)


def test_a_refund_counts_as_not_spending() -> None:
    forecast = outlook(0.3, 1.0, 0.5)
    refund, nothing = (zero_inflated_nll(forecast, torch.tensor([s])) for s in (-5.0, 0.0))
    assert refund == nothing
