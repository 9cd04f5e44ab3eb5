"""Slates can be parted and known again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coadapt.policies.plackett_luce import PlackettLuce, PlackettLuceConfig
from coadapt.testing.slates import logged_slates

SLATES = logged_slates(PlackettLuce(PlackettLuceConfig()), 50, seed=1)


def test_the_newest_share_is_set_apart() -> None:
    before, newest = SLATES.parted(0.3)
    assert (len(before), len(newest)) == (35, 15)
    assert before.times.max() < newest.times.min()
    assert (newest.rewards == SLATES.rewards[35:]).all()
    assert (newest.situation.candidate_rows == SLATES.situation.candidate_rows[35:]).all()
    assert (newest.scores.values == SLATES.scores.values[35:]).all()
    assert len(newest.situation.histories) == 15


def test_slates_are_known_by_all_that_they_hold() -> None:
    same = replace(SLATES, rewards=SLATES.rewards.copy())
    assert same.fingerprint == SLATES.fingerprint
    other = replace(SLATES, people=np.zeros(50, np.int64))
    assert other.fingerprint != SLATES.fingerprint
