"""The service is filled with the catalogue and the past before anybody comes."""

from __future__ import annotations

import asyncio
from unittest.mock import Mock

import pytest

from coadapt.cli._play.filling import fill
from coadapt.cli._play.service import ServiceError


def test_the_past_is_sent_whole_and_in_order_of_batches(scene, service, shop) -> None:
    told: list[float] = []
    n_sent = asyncio.run(fill(scene, service, lambda done, total, _: told.append(done)))
    assert n_sent == len(shop.sent) == 2_500
    assert told == [1_000, 2_000, 2_500]


def test_what_is_unknown_is_not_sent(scene, service, shop) -> None:
    asyncio.run(fill(scene, service, Mock()))
    assert shop.sent[:2] == [{"type": "like", "item_id": "tea"}, {"type": "like"}]
    assert "price" not in shop.described[2]
    assert shop.described[0]["price"] == 2.5


def test_a_past_that_is_refused_ends_the_play(scene, service, shop) -> None:
    shop.n_refused = 2
    with pytest.raises(ServiceError, match="6 events or requests were refused"):
        asyncio.run(fill(scene, service, Mock()))


def test_a_service_that_ends_while_it_is_filled_is_told(scene, service, shop) -> None:
    service.check.side_effect = ServiceError("gone")
    with pytest.raises(ServiceError, match="gone"):
        asyncio.run(fill(scene, service, Mock()))
