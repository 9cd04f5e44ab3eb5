"""MLBOA takes a trial that was stopped early for what its curve promised."""

from __future__ import annotations

import pytest

from coadapt.domain.ranges import Between
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.searchers.mlboa import MLBOA, MLBOAConfig
from coadapt.tuning.space import Space
from coadapt.tuning.trials import Outcome, Trial

SPACE = Space((Parameter("x", "float", Between(0.0, 1.0)),))


def told(last: float | None, cost_s: float = 1.0) -> MLBOA:
    """Return a searcher that knows trials which gain 1 from step 1 to step 2.

    Each cost 1. The last one comes to the value given, at a cost unknown, or is stopped after a
    step 1 of 1.2 that took `cost_s`.
    """
    searcher = MLBOA(SPACE, MLBOAConfig())
    for number in range(12):
        is_last = number == 11
        x = 0.42 if is_last else number / 11
        end = last if is_last and last is not None else (x - 0.4) ** 2
        is_stopped = is_last and last is None
        trial = Trial(number, {"x": x})
        curve = {1: 1.2} if is_stopped else {1: end + 1, 2: end}
        cost = 1.0 if not is_last else cost_s if is_stopped else 0.0
        value = curve[max(curve)]
        searcher.tell(Outcome(trial, value, cost, is_stopped=is_stopped, curve=curve))
    return searcher


@pytest.mark.parametrize("cost_s", [0.1, 100.0])
def test_a_stopped_trial_counts_with_what_its_curve_promised_and_tells_no_cost(cost_s) -> None:
    stopped, promised, reported = (told(last, cost_s).ask().values for last in (None, 0.2, 1.2))
    assert stopped == pytest.approx(promised, abs=1e-6)
    assert stopped != pytest.approx(reported, abs=1e-3)
