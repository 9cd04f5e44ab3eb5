"""Make the searcher that a config names."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from coadapt.plugins import load_plugin
from coadapt.training.config import config_error
from coadapt.tuning.base import Searcher
from coadapt.tuning.beginning import BeginningWith
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.subject import Subject


def make_searcher(subject: Subject, tuning: TuningConfig) -> Searcher[Any]:
    """Construct the searcher that a config names; it begins with the config's own values.

    Raises ConfigError, UnknownPluginError, MissingExtraError.
    """
    plugin = load_plugin("tuning/searchers", tuning.searcher)
    try:
        searcher: Searcher[Any] = plugin(
            subject.plan.space, plugin.Config(**tuning.options), tuning.seed
        )
    except ValidationError as error:
        raise config_error(error, "tuning.options") from error
    first = subject.own_values if tuning.config_first else None
    return searcher if first is None else BeginningWith(first, searcher)
