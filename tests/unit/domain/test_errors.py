"""Errors are one tree, each with a code that a client can act on."""

import inspect
import re

import pytest

from coadapt.domain import errors
from coadapt.domain.errors import (
    CoadaptError,
    InvalidEventError,
    InvalidInputError,
    MissingExtraError,
    OverloadedError,
    StoreError,
    StoreFullError,
)

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_is_ours_and_has_a_code(kind: type[CoadaptError]) -> None:
    error = kind("the message")
    assert isinstance(error, CoadaptError)
    assert re.fullmatch("[a-z][a-z_]*", error.code)
    assert (str(error), error.message, error.field) == ("the message", "the message", None)


def test_no_two_errors_have_the_same_code() -> None:
    assert len({kind.default_code for kind in KINDS}) == len(KINDS)


def test_a_code_can_say_more_than_the_class() -> None:
    error = InvalidInputError("must be a number", code="invalid_price", field="items[3].price")
    assert (error.code, error.field) == ("invalid_price", "items[3].price")
    assert InvalidInputError("no").code == "invalid_request"


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (InvalidEventError, InvalidInputError),
        (StoreFullError, StoreError),
        (MissingExtraError, ImportError),
    ],
)
def test_who_catches_the_wide_error_catches_the_narrow_one(
    narrow: type[CoadaptError], wide: type[Exception]
) -> None:
    assert issubclass(narrow, wide)


def test_who_is_refused_for_now_is_told_when_to_come_back() -> None:
    assert OverloadedError("busy", retry_after_s=5).retry_after_s == 5
    assert OverloadedError("busy").retry_after_s == 1
