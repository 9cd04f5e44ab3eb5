"""Say how much each hyperparameter accounts for, from the trials there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from statistics import fmean

from scipy.stats import rankdata

from coadapt.tuning.parameters import Parameter
from coadapt.tuning.space import Space
from coadapt.tuning.trials import Outcome

N_GROUPS = 4


def importances(space: Space, outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return each parameter's share of the variance of ranks, most important first.

    Trials are grouped by the parameter (choices, or four parts of its range); the share is that of
    the variance between groups, less what chance alone would give (epsilon squared, Kelley 1935).
    Ranks, which equals share, so that a few terrible trials do not speak for all; stopped trials
    are left out. It sees what a parameter does by itself, not together with others.
    """
    done = [each for each in outcomes if each.state == "done"]
    ranks = rankdata([each.loss for each in done]).tolist()
    shares = {
        parameter.name: _share(
            [
                (_group(parameter, each), rank)
                for each, rank in zip(done, ranks, strict=True)
                if parameter.name in each.trial.values
            ]
        )
        for parameter in space.parameters
    }
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def _group(parameter: Parameter, outcome: Outcome) -> Hashable:
    """Return the group of a trial by one parameter."""
    place = parameter.to_unit(outcome.trial.values[parameter.name])
    if parameter.kind == "categorical":
        return place
    return min(int(place * N_GROUPS), N_GROUPS - 1)


def _share(grouped: Sequence[tuple[Hashable, float]]) -> float:
    """Return epsilon squared of groups, zero where there is nothing to tell apart."""
    by_group: defaultdict[Hashable, list[float]] = defaultdict(list)
    for group, rank in grouped:
        by_group[group].append(rank)
    n_free = len(grouped) - len(by_group)
    if len(by_group) < 2 or n_free < 1:
        return 0.0
    mean = fmean(rank for _, rank in grouped)
    total = sum((rank - mean) ** 2 for _, rank in grouped)
    between = sum(len(ranks) * (fmean(ranks) - mean) ** 2 for ranks in by_group.values())
    by_chance = (len(by_group) - 1) * (total - between) / n_free
    return max(0.0, (between - by_chance) / total) if total else 0.0
