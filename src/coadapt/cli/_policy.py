"""Judge a policy by the slates in a log, for the commands that train and tune."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from coadapt.cli._options import find_run
from coadapt.cli._screen import errors, print_table, screen
from coadapt.evaluation.off_policy import OffPolicyEstimate, estimate_policy
from coadapt.evaluation.summary import Summary
from coadapt.serving.slate_log import SlateLog
from coadapt.stores.base import RunStore
from coadapt.training.policy_config import PolicyRunConfig


def with_run(config: PolicyRunConfig, runs: RunStore) -> PolicyRunConfig:
    """Return a config whose run is named by its id. Raises NotFoundError, ConfigError."""
    run = find_run(runs, config.pipeline.recommender)
    pipeline = config.pipeline.model_copy(update={"recommender": run})
    return config.model_copy(update={"pipeline": pipeline}).resolved()


def judge(config: PolicyRunConfig, log: SlateLog) -> OffPolicyEstimate:
    """Estimate a policy by its test slates. Raises SupportError."""
    _, test = log.slates.parted(config.off_policy.test_share)
    estimate = estimate_policy(config.make_policy(), test, config.off_policy.assumes)
    config.off_policy.support.check(estimate)
    return estimate


def keep(config: PolicyRunConfig, runs: RunStore) -> str:
    """Keep a policy with its pipeline, which serves once it is promoted; return its reference."""
    pipeline = config.pipeline.model_copy(update={"project": config.data.project})
    return runs.add_pipeline(pipeline.name, pipeline.model_dump(mode="json", exclude_none=True))


def facts(reference: str, log: SlateLog, estimate: OffPolicyEstimate) -> dict[str, Any]:
    """Return what a program reads."""
    return {
        "pipeline": reference,
        "estimate": asdict(estimate),
        "slates": {
            "n": len(log.slates),
            "n_confirmed": log.n_confirmed,
            "n_own": log.n_own,
            "n_open": log.n_open,
            "skipped": dict(log.skipped),
        },
    }


def report(reference: str, estimate: OffPolicyEstimate) -> None:
    """Print what the log's slates earned, and what this policy's would have."""
    rows = [
        ("the log's slates earned", _interval(estimate.logged)),
        ("this policy's would have", _interval(estimate.reward)),
        ("the difference", _interval(estimate.lift)),
        ("slates, people", f"{estimate.n_slates:,}, {estimate.n_people:,}"),
        ("effective slates", f"{estimate.effective:,.0f}"),
        ("covered by the log", f"{estimate.coverage.value:.1%}"),
    ]
    print_table("a slate, on the newest ones", ("", "(95 % interval)"), rows)
    promotion = f"POST /v1/pipelines/{reference}/promote"
    if estimate.lift.low > 0:
        told = f"pipeline {reference}: better than what chose the log\nnext: {promotion}"
    else:
        told = f"pipeline {reference}: not shown to be better; to let it serve: {promotion}"
    screen.print(told, soft_wrap=True)


def tell(log: SlateLog) -> None:
    """Say on standard error how many slates there are, and how many were left out and why."""
    exposed = f"{log.n_confirmed:,} confirmed as seen" if log.n_confirmed else "as served"
    errors.print(f"{len(log.slates):,} slates, {exposed}", soft_wrap=True)
    for reason, number in log.skipped.items():
        errors.print(f"left out: {number:,} {reason}", soft_wrap=True)
    if log.n_open:
        errors.print(f"{log.n_open:,} may still earn more when the log goes on", soft_wrap=True)
    if log.learned_from is not None:
        errors.print(
            f"the run learned from {log.learned_from}: it is not known whether of these slates too",
            soft_wrap=True,
        )


def _interval(summary: Summary) -> str:
    """Return a figure with its interval."""
    return f"{summary.value:.4f} ({summary.low:.4f} to {summary.high:.4f})"
