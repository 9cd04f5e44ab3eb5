import pytest

from coadapt.domain.containment import contained


def test_what_a_block_raises_is_kept() -> None:
    with contained() as held:
        raise ValueError("broken")
    assert str(held.error) == "broken"


def test_a_block_that_ends_well_leaves_no_error() -> None:
    with contained() as held:
        pass
    assert held.error is None


def test_what_ends_the_process_is_let_through() -> None:
    with pytest.raises(KeyboardInterrupt), contained():
        raise KeyboardInterrupt
