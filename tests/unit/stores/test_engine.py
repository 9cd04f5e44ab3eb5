from __future__ import annotations

import pytest

from coadapt.domain.errors import ConfigError, StoreError
from coadapt.stores._engine import check_sqlite_version
from coadapt.stores.open import open_event_store


def test_a_sqlite_that_loses_commits_is_refused() -> None:
    with pytest.raises(StoreError, match=r"SQLite 3\.51\.2 .* 3\.51\.3"):
        check_sqlite_version((3, 51, 2))
    check_sqlite_version((3, 51, 3))


@pytest.mark.parametrize("url", ["mysql://host/db", "nonsense", ""])
def test_a_url_of_no_store_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="sqlite"):
        open_event_store(url)


def test_a_server_that_does_not_answer_is_a_store_error_without_the_password() -> None:
    with pytest.raises(StoreError) as caught:
        open_event_store("postgresql://me:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)
