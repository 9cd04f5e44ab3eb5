"""Every error has a status that the document names, and one form."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from coadapt.api.bodies import MediaTypeError, NotJsonError, TooLargeError
from coadapt.api.documentation import REASONS
from coadapt.api.errors import answer_to, error_answer, status_of
from coadapt.api.keys import UnauthorizedError
from coadapt.domain import errors
from coadapt.domain.errors import CoadaptError, OverloadedError, StoreError


def kinds(root: type[CoadaptError] = CoadaptError) -> Iterator[type[CoadaptError]]:
    yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (NotJsonError, 400),
        (UnauthorizedError, 401),
        (errors.ForbiddenError, 403),
        (errors.NotFoundError, 404),
        (errors.ConflictError, 409),
        (errors.RunError, 409),
        (TooLargeError, 413),
        (MediaTypeError, 415),
        (errors.InvalidEventError, 422),
        (StoreError, 503),
        (errors.StoreFullError, 507),
        (errors.DataError, 500),
    ],
)
def test_the_nearest_class_decides_the_status(kind: type[CoadaptError], status: int) -> None:
    assert status_of(kind("no")) == status


@pytest.mark.parametrize("kind", sorted(set(kinds()), key=lambda kind: kind.__name__))
def test_every_error_of_a_client_is_in_the_document(kind: type[CoadaptError]) -> None:
    assert status_of(kind("no")) in REASONS


def test_an_answer_names_code_message_and_field() -> None:
    response = answer_to(errors.InvalidInputError("must be ∅", code="a", field="b.c"))
    assert json.loads(response.body) == {"code": "a", "message": "must be ∅", "field": "b.c"}


def test_who_lacks_a_key_is_told_of_which_kind() -> None:
    assert answer_to(UnauthorizedError("no")).headers["www-authenticate"] == "ApiKey"


@pytest.mark.parametrize(
    ("error", "wait_s"), [(OverloadedError("no", retry_after_s=7), "7"), (StoreError("no"), "1")]
)
def test_a_busy_service_says_when_to_come_back(error: CoadaptError, wait_s: str) -> None:
    assert answer_to(error).headers["retry-after"] == wait_s


def test_an_error_that_no_client_can_cause_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert answer_to(errors.NotFittedError("no")).status_code == 500
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_what_a_client_did_wrong_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    answer_to(errors.NotFoundError("no"))
    assert caplog.records == []


def test_an_error_without_a_field_has_none() -> None:
    assert json.loads(error_answer("a", "b", None, 404).body)["field"] is None


def test_another_method_is_told_which_there_are(client: Any) -> None:
    answer = client.put("/v1/events")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
