"""Hold the butterfly searcher's parts, each of which can be switched off, and its numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from coadapt.tuning.base import SearcherConfig


class MLBOAConfig(SearcherConfig):
    """Hold which parts take part, and how far and how often they do.

    Without `screening` no surrogate is learned, and what needs one (`warping`, `refinement`,
    `costs`) is off as well: what is left is the plain modified butterfly search. `costs` looks for
    gain a second; it pays where seconds are the budget, and loses where trials are. `n_start` is
    how many trials the start takes, by default 4 and one for every two dimensions, at most 10.
    """

    sobol_start: bool = True
    butterfly: bool = True
    interpolation: bool = True
    levy: bool = True
    screening: bool = True
    warping: bool = True
    trust_region: bool = True
    refinement: bool = True
    costs: bool = False

    n_start: Annotated[int, Field(ge=2)] | None = None
    n_candidates: Annotated[int, Field(ge=8)] = 512
    n_refined: Annotated[int, Field(ge=1)] = 3
    refit_every: Annotated[int, Field(ge=1)] = 4
    most_learned_from: Annotated[int, Field(ge=10)] = 300
    sensing: Annotated[float, Field(gt=0)] = 1.5
    levy_exponent: Annotated[float, Field(gt=1, lt=2)] = 1.5
