"""Gather what was known of people at past cut-offs, and what they spent afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coadapt.data.batches import BoolArray, FloatArray, IntArray
from coadapt.data.stream import Stream
from coadapt.value._cutoffs import CutoffConfig, past_cutoffs
from coadapt.value._ledger import Ledger
from coadapt.value._summary import Summary
from coadapt.value.spending import net_amounts, spend_between


@dataclass(frozen=True, slots=True)
class Examples:
    """Hold users at past cut-offs, newest cut-off last, and what they spent in the horizon after.

    `users`, `cutoffs` (epoch ms) and `spend` have shape (n,), `summary` has n rows.
    """

    users: IntArray
    cutoffs: IntArray
    summary: Summary
    spend: FloatArray

    def __len__(self) -> int:
        return len(self.users)

    def where(self, is_kept: BoolArray) -> Examples:
        """Return these examples."""
        kept = np.flatnonzero(is_kept)
        return Examples(
            self.users[kept], self.cutoffs[kept], self.summary.take(kept), self.spend[kept]
        )


def gather_examples(stream: Stream, config: CutoffConfig, as_of: int) -> Examples:
    """Return every user with an event at each past cut-off, by what was known at `as_of`.

    Raises EmptyDataError where nobody was known so long before.
    """
    known = stream.known_at(as_of)
    first_known = int(np.maximum(known.times, known.received).min(initial=as_of))
    cutoffs = past_cutoffs(first_known, as_of, config)
    amounts = net_amounts(known, config.spend_types)
    ledger = Ledger(config.spend_types)
    parts, folded_until = [], int(known.received.min(initial=as_of))
    for cutoff in cutoffs.tolist():
        arrived = (known.received >= folded_until) & (known.received < cutoff)
        ledger.update(known.take(arrived))
        folded_until = cutoff
        parts.append(_at_cutoff(ledger, cutoff, known.n_users))
    users, times, summaries = zip(*parts, strict=True)
    spends = [
        spend_between(known, amounts, some, cutoff, cutoff + config.horizon_ms)
        for some, cutoff in zip(users, cutoffs.tolist(), strict=True)
    ]
    return Examples(
        np.concatenate(users),
        np.concatenate(times),
        Summary.stacked(summaries),
        np.concatenate(spends),
    )


def _at_cutoff(ledger: Ledger, cutoff: int, n_users: int) -> tuple[IntArray, IntArray, Summary]:
    """Return the users known before a cut-off, the cut-off for each, and their summaries."""
    summary = ledger.at(np.arange(n_users), cutoff - 1)
    users = np.flatnonzero(summary.n_events)
    return users, np.full(len(users), cutoff), summary.take(users)
