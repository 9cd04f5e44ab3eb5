"""Mix sources into a task and deal its users to training, validation and test."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from coadapt.domain.errors import ConfigError
from mlboa.reviews import read_amazon, read_clothing
from mlboa.sequences import Example, Source
from mlboa.simulated import simulate_examples
from mlboa.simulator import World

SHARES: Final = (0.7, 0.15)
"""Of training and validation; the rest is test."""
TEST_PER_TRAINING: Final = (1 - sum(SHARES)) / SHARES[0]


@dataclass(frozen=True, slots=True)
class Mix:
    """Say how many examples come from each source, at most."""

    n_simulated: int = 0
    n_amazon: int = 0
    n_clothing: int = 0

    @property
    def is_of_one_stock(self) -> bool:
        """Tell whether all seeds deal the same examples anew, in place of drawing some afresh."""
        return not self.n_simulated

    def limited(self, n_examples: int | None) -> Mix:
        """Return the same mix with about this many examples."""
        if n_examples is None:
            return self
        total = self.n_simulated + self.n_amazon + self.n_clothing
        counts = (self.n_simulated, self.n_amazon, self.n_clothing)
        return Mix(*(round(count * min(1.0, n_examples / total)) for count in counts))


MIXES: Final = {
    "70/30": Mix(n_simulated=21_000, n_amazon=4_500, n_clothing=4_500),
    "real": Mix(n_amazon=9_220, n_clothing=20_780),
    "clothing": Mix(n_clothing=22_700),
}


def mix_of(dataset: str) -> Mix:
    """Return the mix that a dataset's name begins with, as "real, 600 examples" does."""
    return MIXES[dataset.partition(", ")[0]]


@dataclass(frozen=True, slots=True)
class Divided:
    """Hold the examples of each side; no user is on two."""

    training: list[Example]
    validation: list[Example]
    test: list[Example]


@dataclass(frozen=True)
class Reviews:
    """Hold all real examples, read once for all seeds."""

    amazon: list[Example] = field(default_factory=list)
    clothing: list[Example] = field(default_factory=list)

    @classmethod
    def read(cls, data: Path | None, mix: Mix) -> Reviews:
        """Read what a mix needs. Raises ConfigError where it needs data and there is no folder."""
        if not (mix.n_amazon or mix.n_clothing):
            return cls()
        if data is None:
            raise ConfigError("name the data folder by --data or set COADAPT_DATA")
        return cls(
            amazon=read_amazon(data) if mix.n_amazon else [],
            clothing=read_clothing(data) if mix.n_clothing else [],
        )


def mix_examples(mix: Mix, reviews: Reviews, seed: int, world: World | None = None) -> Divided:
    """Return the task of one seed, each source divided by itself."""
    world = world or World()
    rng = np.random.default_rng([2026, seed])
    n_shoppers = round(mix.n_simulated / (world.n_interactions - 1))
    sources = (
        simulate_examples(world, n_shoppers, rng) if n_shoppers else [],
        _choose(reviews.amazon, mix.n_amazon, rng),
        _choose(reviews.clothing, mix.n_clothing, rng),
    )
    parts = [divide(examples, rng) for examples in sources]
    return Divided(
        training=[each for part in parts for each in part.training],
        validation=[each for part in parts for each in part.validation],
        test=[each for part in parts for each in part.test],
    )


def divide(examples: Sequence[Example], rng: np.random.Generator) -> Divided:
    """Deal users to the three sides by lot."""
    users = _in_random_order(examples, rng)
    ends = [round(len(users) * share) for share in np.cumsum(SHARES)]
    side_by_user = {user: int(np.searchsorted(ends, i, "right")) for i, user in enumerate(users)}
    sides: tuple[list[Example], ...] = ([], [], [])
    for example in examples:
        sides[side_by_user[example.user]].append(example)
    return Divided(*sides)


def of_every_third_user(examples: Sequence[Example]) -> list[Example]:
    """Return a third of the users of each source, with all their examples."""
    kept = {user for source in Source for user in _users(examples, source)[::3]}
    return [example for example in examples if example.user in kept]


def _choose(examples: Sequence[Example], count: int, rng: np.random.Generator) -> list[Example]:
    """Return the examples of users in random order, until there are as many."""
    place = {user: i for i, user in enumerate(_in_random_order(examples, rng))}
    return sorted(examples, key=lambda example: place[example.user])[:count]


def _in_random_order(examples: Iterable[Example], rng: np.random.Generator) -> list[str]:
    """Return each user once."""
    users = [*dict.fromkeys(example.user for example in examples)]
    return [users[i] for i in rng.permutation(len(users))]


def _users(examples: Iterable[Example], source: Source) -> list[str]:
    """Return each user of a source once."""
    return [*dict.fromkeys(each.user for each in examples if each.source is source)]
