"""Ask again what a log has answers to: what else could have been in each slate?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from coadapt.data.batches import Histories, Ranking, Scores, Situation
from coadapt.data.logged_slates import LoggedSlates
from coadapt.domain.errors import EmptyDataError
from coadapt.domain.progress import Progress
from coadapt.serving.pipeline import Pipeline
from coadapt.serving.slate_offers import Offer, offers_of, positions_of
from coadapt.serving.slate_outcomes import SlateOutcomes
from coadapt.stores.base import FeatureStore, RunStore
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.open import without_password
from coadapt.training.load import load_recommender
from coadapt.training.policy_config import PolicyRunConfig
from coadapt.training.reading import opened_log

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class SlateLog:
    """Hold slates, and how many were left out and why.

    `n_confirmed` counts those that a client said were on the screen, `n_own` those that the same
    run had scored, `n_open` those of which more may come when the log goes on. `learned_from` is
    the data that the run learned from, where these are not known to be this log.
    """

    slates: LoggedSlates
    skipped: Mapping[str, int]
    n_confirmed: int
    n_own: int
    n_open: int
    learned_from: str | None = None


def open_slate_log(run_store: RunStore, config: PolicyRunConfig, progress: Progress) -> SlateLog:
    """Read the slates by which a pipeline's policy is judged.

    Those from before the pipeline's run had learned are left out: it may know what came of them.
    Raises NotFoundError, RunError, DataError, EmptyDataError.
    """
    loaded = load_recommender(run_store, config.pipeline.recommender)
    pipeline = Pipeline(
        config.pipeline.name,
        config.pipeline,
        loaded.recommender,
        loaded.vocabulary,
        config.make_policy(),
    )
    learned = loaded.config.data
    is_a_log = (learned.source, learned.project) == ("log", config.data.project)
    log = read_slate_log(config, pipeline, (learned.until or 0) if is_a_log else 0, progress)
    if not log.slates.rewards.any():
        message = f"no slate led to: {', '.join(config.off_policy.rewards)}"
        raise EmptyDataError(message, field="off_policy.rewards")
    if is_a_log and learned.path == without_password(config.data.path):
        return log
    return replace(log, learned_from=learned.path or learned.source)


def read_slate_log(
    config: PolicyRunConfig, pipeline: Pipeline, after: int, progress: Progress
) -> SlateLog:
    """Read a log twice: for what was shown and came of it, and for what it was chosen from.

    State is folded as it was when each slate was chosen, and the pipeline's run scores what there
    was. Slates chosen in a state before `after`, or before `config.data.after`, are left out.
    Raises DataError, EmptyDataError.
    """
    outcomes = _outcomes(config, after, progress)
    seen, n_unseen = outcomes.seen()
    features = MemoryFeatureStore()
    offers = offers_of(config.data, pipeline, seen, features, progress)
    faults = [offer.fault() for offer in offers]
    skipped = (
        outcomes.skipped + Counter({"not confirmed": n_unseen}) + Counter(filter(None, faults))
    )
    whole = [each for each, fault in zip(offers, faults, strict=True) if fault is None]
    whole.sort(key=lambda offer: offer.as_of)
    if not whole:
        told = ", ".join(f"{number} {reason}" for reason, number in skipped.items())
        message = f"the log has no slate to judge by; left out: {told or 'none'}"
        raise EmptyDataError(message, field="data")
    return SlateLog(
        _assembled(whole, features),
        skipped,
        n_confirmed=sum(each.earned.is_confirmed for each in whole),
        n_own=sum(each.is_own for each in whole),
        n_open=outcomes.n_open([each.earned for each in whole]),
    )


def _outcomes(config: PolicyRunConfig, after: int, progress: Progress) -> SlateOutcomes:
    """Read what was shown and what came of it."""
    outcomes = SlateOutcomes(config.off_policy, config.data.project, max(after, config.data.after))
    with opened_log(config.data) as batches:
        for batch in batches:
            outcomes.take_in(batch)
            position = int(positions_of(batch)[-1])
            progress(position, config.data.until or position, "reading slates")
    return outcomes


def _assembled(offers: Sequence[Offer], features: FeatureStore) -> LoggedSlates:
    """Lay slates of different lengths below each other.

    Pasts are left out: no policy looks at them yet, and they would be most of the memory.
    """
    shown = [offer.shown for offer in offers]
    slates = [(offer.earned, len(rows)) for offer, rows in zip(offers, shown, strict=True)]
    queries = [slate.answer.query for slate, _ in slates]
    numbers = [features.number_of(query.project, query.person) for query in queries]
    nothing = Histories.from_rows([np.empty(0, np.int64)] * len(offers))
    candidates = _padded([offer.rows for offer in offers], -1, np.int64)
    return LoggedSlates(
        Situation(nothing, candidates, max(n_places for _, n_places in slates)),
        Scores(_padded([offer.scores for offer in offers], -np.inf, np.float32)),
        Ranking(
            _padded(shown, -1, np.int64),
            _padded([slate.answer.scores[:n] for slate, n in slates], -np.inf, np.float32),
            _padded([slate.answer.propensities[:n] for slate, n in slates], 1.0, np.float64),
        ),
        rewards=_padded([slate.rewards(n) for slate, n in slates], 0.0, np.float64),
        people=np.array([-i if n is None else n for i, n in enumerate(numbers, start=1)]),
        times=np.array([offer.as_of for offer in offers]),
    )


def _padded(
    rows: Sequence[Sequence[Any] | npt.NDArray[Any]], padding: float, dtype: type[Scalar]
) -> npt.NDArray[Scalar]:
    """Return rows of different lengths as one array, padded behind."""
    padded = np.full((len(rows), max(map(len, rows))), padding, dtype)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = row
    return padded
