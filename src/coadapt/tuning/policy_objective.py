"""Score a policy's settings by slates that another policy chose; the newest are never looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from coadapt.data.logged_slates import LoggedSlates
from coadapt.domain.progress import Progress, no_progress
from coadapt.evaluation.off_policy import estimate_policy
from coadapt.training.policy_config import PolicyRunConfig
from coadapt.tuning.executors.base import Watch
from coadapt.tuning.subject import Subject
from coadapt.tuning.trials import Trial


@dataclass(frozen=True)
class PolicyObjective:
    """Estimate off-policy what a trial's policy would have earned.

    A trial fails of which the log knows too little for the test slates to judge it later. These are
    not among `slates`.
    """

    subject: Subject
    slates: LoggedSlates

    def check(self, progress: Progress = no_progress) -> str:  # noqa: ARG002  all is read
        """Return the fingerprint of the slates."""
        return self.slates.fingerprint

    def __call__(self, trial: Trial, watch: Watch) -> float:  # noqa: ARG002  no curve to watch
        """Return the metric so that lower is better. Raises SupportError."""
        config = cast(PolicyRunConfig, self.subject.with_values(trial.values))
        judging = config.off_policy
        estimate = estimate_policy(config.make_policy(), self.slates, judging.assumes)
        judging.support_before_test.check(estimate)
        figures = {
            "lift_low": estimate.lift.low,
            "lift": estimate.lift.value,
            "reward": estimate.reward.value,
        }
        return self.subject.goal.loss(figures[self.subject.goal.metric])
