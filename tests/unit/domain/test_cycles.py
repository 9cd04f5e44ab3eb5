from __future__ import annotations

import gc

import pytest

from coadapt.domain.cycles import cycle_search_paused


def test_the_search_rests_within_a_block_and_goes_on_after_it() -> None:
    with cycle_search_paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_search_goes_on_after_a_failure() -> None:
    with pytest.raises(KeyError), cycle_search_paused():
        raise KeyError
    assert gc.isenabled()


def test_a_block_within_another_does_not_end_the_rest() -> None:
    with cycle_search_paused():
        with cycle_search_paused():
            pass
        assert not gc.isenabled()
