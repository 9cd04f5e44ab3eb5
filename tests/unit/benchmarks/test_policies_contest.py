"""Forecasts of a policy are laid out beside what it earned."""

from __future__ import annotations

from contest.rows import Occasion
from policies.figures import judged_rows
from policies.page import policy_parts
from policies.shop import Shop
from policies.trial import LOGGED, Judged

from coadapt.domain.progress import no_progress
from coadapt.evaluation.off_policy import OffPolicyEstimate, estimate_policy
from coadapt.evaluation.summary import Summary
from coadapt.serving.slate_log import open_slate_log
from coadapt.training.pipeline_config import PolicyChoice

OCCASION = Occasion("policies", "make bench-policies", "2026-11-29", "abc")


def around(value: float, margin: float) -> Summary:
    return Summary(value, value - margin, value + margin)


def judged(name: str, forecast: float, loose: float) -> Judged:
    estimate = OffPolicyEstimate(
        reward=around(forecast, 0.3),
        logged=around(1.0, 0.1),
        lift=around(forecast - 1.0, 0.3),
        coverage=around(1.0, 0.0),
        effective=500.0,
        n_slates=600,
        n_people=90,
    )
    return Judged(name, {"temperature": 0.3}, {"cascade": estimate}, around(loose, 0.4))


def test_a_forecast_agrees_where_the_difference_is_within_its_interval() -> None:
    rows = [
        row
        for seed, loose in ((0, 1.8), (1, 2.1))
        for each in (judged("tuned by x", 1.5, loose), judged("the log's own", 1.0, 1.0))
        for row in judged_rows(OCCASION, each, 600, seed, 1.0)
    ]
    page = "\n".join(policy_parts(rows))
    assert "| tuned by x | 1.5000 | 1.9500 | +0.5000 | 2 of 2 | 1 of 2 |" in page
    assert page.index("the log's own |") < page.index("tuned by x |")
    assert "2 shops" in page


def test_no_rows_are_no_part() -> None:
    assert list(policy_parts([])) == []


def test_a_shop_that_is_served_leaves_a_log_that_can_be_asked_again(tmp_path) -> None:
    shop, policy = Shop.make(tmp_path, 0), PolicyChoice(options=LOGGED)
    url = shop.let_loose(policy, 80, "log", 1)
    config = shop.config(url, policy)
    log = open_slate_log(shop.runs, config, no_progress)
    assert log.n_own == len(log.slates) >= 80
    assert not log.skipped
    found = estimate_policy(config.make_policy(), log.slates)
    assert 0.3 < found.logged.value < 1.5
    assert found.lift == Summary(0, 0, 0)
