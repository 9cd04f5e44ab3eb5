"""Name every error: one tree, each with a stable code that a client can act on."""

from __future__ import annotations

from typing import ClassVar


class CoadaptError(Exception):
    """Say what went wrong, where, and the way out.

    `code` is stable and machine-readable; `field` is the path of the offending field, if there is
    one. The message never holds what the client sent.
    """

    default_code: ClassVar[str] = "error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.field = field


class InvalidInputError(CoadaptError):
    """Refuse a body, a parameter or an event that breaks the contract; names the field."""

    default_code = "invalid_request"


class InvalidEventError(InvalidInputError):
    """Refuse one event; `field` names the part that is wrong."""

    default_code = "invalid_event"


class ConflictError(CoadaptError):
    """Refuse what contradicts something already stored: the first write wins."""

    default_code = "conflict"


class NotFoundError(CoadaptError):
    """Say that the thing asked for does not exist."""

    default_code = "not_found"


class ForbiddenError(CoadaptError):
    """Refuse what this key, project or setting does not allow."""

    default_code = "forbidden"


class OverloadedError(CoadaptError):
    """Refuse work for now; `retry_after_s` says when to come back."""

    default_code = "overloaded"

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StoreError(CoadaptError):
    """Report that a store could not do what was asked; nothing was acknowledged."""

    default_code = "store_error"


class StoreFullError(StoreError):
    """Report that the disk under a store is full; reads go on, writes resume when space returns."""

    default_code = "storage_full"


class StoreLostError(StoreError):
    """Report that another server has claimed the log: what this one knows is out of date."""

    default_code = "store_lost"


class NotFoldedError(CoadaptError):
    """Report that the log holds what was sent but state could not follow: send nothing again."""

    default_code = "stored_not_folded"


class UnknownPluginError(CoadaptError):
    """Name the plug-ins there are when the one asked for is not among them."""

    default_code = "unknown_plugin"


class MissingExtraError(CoadaptError, ImportError):
    """Name the extra to install for a plug-in whose package is absent."""

    default_code = "missing_extra"


class ConfigError(CoadaptError):
    """Report a configuration that cannot be used; names file and key."""

    default_code = "invalid_config"


class DataError(CoadaptError):
    """Report data that is not what it claims to be; names file, line and the way out."""

    default_code = "invalid_data"


class EmptyDataError(DataError):
    """Report that nothing is left to learn from, and which step removed it."""

    default_code = "empty_data"


class SupportError(DataError):
    """Report a log of slates that says too little about another policy."""

    default_code = "too_little_support"


class RunError(CoadaptError):
    """Report a run or pipeline that cannot be used: corrupt, foreign, or of another format."""

    default_code = "invalid_run"


class StudyError(CoadaptError):
    """Report a study that cannot go on: of other things, in use, or with no trial that worked."""

    default_code = "invalid_study"


class ExhaustedError(CoadaptError):
    """Report that a searcher has proposed every point there is."""

    default_code = "exhausted"


class NotFittedError(CoadaptError):
    """Report the use of a component that has neither been fitted nor loaded."""

    default_code = "not_fitted"


class ScoringError(CoadaptError):
    """Report that a live recommender or policy failed on a question; the answer falls back."""

    default_code = "scoring_failed"


class ValuingError(CoadaptError):
    """Report that a live value model failed and cannot forecast until it is started again."""

    default_code = "valuing_failed"
