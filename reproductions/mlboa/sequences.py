"""Say what an example is: what is known of a user before an interaction, and how that one ended."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

UNKNOWN: Final = math.nan
WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)?")
MAX_INTERACTIONS: Final = 10


class Source(StrEnum):
    """Name where an example comes from."""

    SIMULATED = "simulated"
    AMAZON = "amazon"
    CLOTHING = "clothing"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Hold what is measured of a step, UNKNOWN where a source lacks it.

    `outcome` is -1 to 1: bought or not, or stars. `log_gap_days` is log(1 + days since the step
    before).
    """

    outcome: float = UNKNOWN
    log_gap_days: float = UNKNOWN
    log_dwell_s: float = UNKNOWN
    n_views: float = UNKNOWN
    log_n_words: float = UNKNOWN
    age_years: float = UNKNOWN


@dataclass(frozen=True, eq=False, slots=True)
class Step:
    """Hold one step of a sequence; a question is the part of the next one that is known before.

    Steps are equal only to themselves, for examples of one user share them.
    """

    numbers: Numbers
    text: str = ""
    is_question: bool = False

    @classmethod
    def of_text(cls, text: str, numbers: Numbers | None = None) -> Step:
        """Return a step with a text and its length."""
        n_words = len(words_of(text))
        return cls(replace(numbers or Numbers(), log_n_words=math.log1p(n_words)), text)


@dataclass(frozen=True, eq=False, slots=True)
class Example:
    """Hold one user's steps, oldest first, the question last, and the label.

    `p_bayes` is the exact probability of a positive label, known of simulated examples only.
    """

    user: str
    source: Source
    steps: tuple[Step, ...]
    is_positive: bool
    p_bayes: float = UNKNOWN


def question(log_gap_days: float = UNKNOWN, age_years: float = UNKNOWN) -> Step:
    """Return the step that asks how the next interaction ends."""
    return Step(Numbers(log_gap_days=log_gap_days, age_years=age_years), is_question=True)


def words_of(text: str) -> list[str]:
    """Return a text's words in lower case."""
    return WORD.findall(text.lower())
