"""Turn drawn shoppers into examples."""

from __future__ import annotations

from collections.abc import Iterator
from math import log1p

import numpy as np

from coadapt.data.batches import IntArray
from mlboa.posterior import forecast_purchases
from mlboa.sequences import MAX_INTERACTIONS, Example, Numbers, Source, Step, question
from mlboa.simulator import NO_WORD, VOCABULARY, Shoppers, World, draw_shoppers


def simulate_examples(world: World, n_shoppers: int, rng: np.random.Generator) -> list[Example]:
    """Return what follows each interaction of drawn shoppers but the last."""
    shoppers = draw_shoppers(world, n_shoppers, rng)
    p_bayes = forecast_purchases(world, shoppers)
    return [
        Example(
            user=f"shopper {number}",
            source=Source.SIMULATED,
            steps=(*steps[max(0, time - MAX_INTERACTIONS) : time], _question(steps[time])),
            is_positive=bool(shoppers.is_bought[number, time]),
            p_bayes=float(p_bayes[number, time - 1]),
        )
        for number, steps in enumerate(_steps_by_shopper(shoppers))
        for time in range(1, len(steps))
    ]


def _question(step: Step) -> Step:
    """Return what is known of a step beforehand."""
    return question(log_gap_days=step.numbers.log_gap_days)


def _steps_by_shopper(shoppers: Shoppers) -> Iterator[list[Step]]:
    """Yield all steps of one shopper after the other."""
    n_shoppers, n_times = shoppers.is_bought.shape
    for number in range(n_shoppers):
        yield [_step(shoppers, number, time) for time in range(n_times)]


def _step(shoppers: Shoppers, number: int, time: int) -> Step:
    """Return one interaction."""
    numbers = Numbers(
        outcome=1.0 if shoppers.is_bought[number, time] else -1.0,
        log_gap_days=log1p(shoppers.gap_days[number, time]),
        log_dwell_s=float(shoppers.log_dwell_s[number, time]),
        n_views=float(shoppers.n_views[number, time]),
    )
    return Step.of_text(_comment(shoppers.words[number, time]), numbers)


def _comment(words: IntArray) -> str:
    """Return words as a text."""
    return " ".join(VOCABULARY[word] for word in words if word != NO_WORD)
