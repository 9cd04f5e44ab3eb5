from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from coadapt.api.app import ROUTERS, create_app
from coadapt.serving.loop import assemble
from coadapt.settings import Settings
from coadapt.stores.files import FileRunStore
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.sql import SqlEventStore

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

CALLS = [
    (route.path, method)
    for router in ROUTERS
    for route in router.routes
    for method in route.methods
]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    runs_folder = FileRunStore(tmp_path_factory.mktemp("runs"))
    loop = assemble(SqlEventStore("sqlite://"), MemoryFeatureStore(), runs_folder)
    yield schemathesis.openapi.from_asgi("/openapi.json", create_app(loop, Settings()))
    loop.close()


@pytest.mark.parametrize(("path", "method"), CALLS)
@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_document_allows_gets_an_answer_that_it_describes(
    document: Any, path: str, method: str, data: st.DataObject
) -> None:
    case = data.draw(document[path][method].as_strategy())
    case.call_and_validate(checks=CHECKS)
