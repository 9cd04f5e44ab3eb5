"""Judge policies by one log, then let them loose to see what they earn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coadapt.domain.errors import SupportError
from coadapt.domain.progress import no_progress
from coadapt.evaluation.off_policy import Assumption, OffPolicyEstimate, estimate_policy
from coadapt.evaluation.summary import Summary
from coadapt.serving.slate_log import SlateLog, open_slate_log
from coadapt.training.pipeline_config import PolicyChoice
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.policy_objective import PolicyObjective
from coadapt.tuning.subject import read_subject
from coadapt.tuning.tune import Place, tune
from policies.shop import Shop

LOGGED: Final = {"temperature": 0.5, "exploration": 0.05, "standardize": True}
"""The options of the policy that chooses the log."""

FIXED: Final = (0.3, 0.4, 0.7)
"""Temperatures that are judged beside the tuned policy."""

SPACE: Final = {
    "temperature": {"low": 0.1, "high": 1.0},
    "exploration": {"low": 0.005, "high": 0.2},
    "standardize": True,
}
ASSUMPTIONS: Final[tuple[Assumption, ...]] = ("cascade", "nothing")
N_TRIALS: Final = 30


@dataclass(frozen=True)
class Judged:
    """Hold a policy's forecasts by assumption, and what it earned when it was let loose.

    A forecast is absent where the log says too little. `options` are the policy's.
    """

    name: str
    options: dict[str, Any]
    forecasts: dict[Assumption, OffPolicyEstimate]
    loose: Summary


def hold_trial(folder: Path, n_slates: int, searcher: str, seed: int) -> Iterator[Judged]:
    """Log slates, tune on the older ones, and yield each policy judged by the newest.

    First comes the policy that chose the log, let loose once more: so much differs by chance.
    """
    shop = Shop.make(folder, seed)
    logged = PolicyChoice(options=LOGGED)
    url = shop.let_loose(logged, n_slates, "logged", _seed(seed, 0))
    log = open_slate_log(shop.runs, shop.config(url, logged), no_progress)
    assert log.n_own == len(log.slates)
    assert not log.skipped
    choices: dict[str, dict[str, Any]] = {"the log's own": dict(LOGGED)}
    choices |= {f"temperature {each:g}": {**LOGGED, "temperature": each} for each in FIXED}
    choices[f"tuned by {searcher}"] = _tuned(shop, log, url, searcher, seed)
    for number, (name, options) in enumerate(choices.items(), start=1):
        choice = PolicyChoice(options=options)
        forecasts = dict(_forecasts(shop, choice, log, url))
        again = shop.let_loose(choice, n_slates, f"loose-{number}", _seed(seed, number))
        yield Judged(name, options, forecasts, _earned(shop, choice, again))


def _seed(seed: int, number: int) -> int:
    """Return a seed of its own for each time that a policy is let loose."""
    return 1_000 * (seed + 1) + number


def _tuned(shop: Shop, log: SlateLog, url: str, searcher: str, seed: int) -> dict[str, Any]:
    """Return the options that do best on the slates before the test."""
    tuning = TuningConfig(searcher=searcher, trials=N_TRIALS, seed=seed, space=SPACE)
    config = shop.config(url, PolicyChoice(options=LOGGED))
    subject = read_subject(config.model_dump(exclude_none=True), tuning, "shop")
    before, _ = log.slates.parted(config.off_policy.test_share)
    objective = PolicyObjective(subject, before)
    place = Place(shop.folder / f"study-{searcher}", objective.check())
    best = tune(objective, tuning, place).best
    return {**LOGGED, **best.trial.values}


def _forecasts(
    shop: Shop, choice: PolicyChoice, log: SlateLog, url: str
) -> Iterator[tuple[Assumption, OffPolicyEstimate]]:
    """Yield what the newest slates say of a policy, under each assumption."""
    config = shop.config(url, choice)
    _, newest = log.slates.parted(config.off_policy.test_share)
    for assumes in ASSUMPTIONS:
        estimate = estimate_policy(config.make_policy(), newest, assumes)
        try:
            config.off_policy.support.check(estimate)
        except SupportError:
            continue
        yield assumes, estimate


def _earned(shop: Shop, choice: PolicyChoice, url: str) -> Summary:
    """Return what the newest slates of a policy's own log earned."""
    config = shop.config(url, choice)
    log = open_slate_log(shop.runs, config, no_progress)
    _, newest = log.slates.parted(config.off_policy.test_share)
    return estimate_policy(config.make_policy(), newest).logged
