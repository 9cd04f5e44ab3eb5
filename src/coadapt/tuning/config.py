"""Say how to tune: the `[tuning]` table of a config, which a training passes over."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from coadapt.training.config import Section


class TuningConfig(Section):
    """Hold the searcher, the budget, the metric and changes to the search space.

    `space` has, by hyperparameter, a table of bounds, a list of choices, or the one value that it
    keeps. With `folds` above one each trial is the mean over that many folds of what is not test.
    With `config_first` the config's own values are the first trial, if they lie in the space.
    `stopping` ends trials whose learning curves are hopeless: those of recommenders with epochs, on
    one fold, judged by an NDCG. All other trials run to their end.
    """

    searcher: str = "tpe"
    options: dict[str, Any] = Field(default_factory=dict)
    trials: Annotated[int, Field(ge=1, le=100_000)] = 50
    metric: str | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    jobs: Annotated[int, Field(ge=1, le=1024)] = 1
    folds: Annotated[int, Field(ge=1, le=100)] = 1
    config_first: bool = True
    stopping: Literal["none", "median", "asha"] = "median"
    trial_seconds: Annotated[float, Field(gt=0)] | None = None
    trial_cpu_seconds: Annotated[float, Field(gt=0)] | None = None
    space: dict[str, Any] = Field(default_factory=dict)
