from coadapt.domain.gathering import Gathering


def after(*found: int) -> Gathering:
    """Return a gathering whose rounds ended at 1, 2, … s and found so much work."""
    gathering = Gathering(apart_s=0.5)
    for end_s, n_found in enumerate(found, start=1):
        gathering.ended(n_found, float(end_s))
    return gathering


def test_the_first_round_does_not_wait() -> None:
    assert after().pause_s(now_s=0.0) == 0.0


def test_who_works_alone_never_waits() -> None:
    assert after(*[1] * 20).pause_s(now_s=20.0) == 0.0


def test_rounds_that_find_several_pieces_are_kept_apart() -> None:
    assert after(1, 4).pause_s(now_s=2.25) == 0.25


def test_after_a_pause_nobody_waits() -> None:
    assert after(1, 4).pause_s(now_s=9.0) == 0.0


def test_one_who_works_alone_again_soon_stops_waiting() -> None:
    assert after(4, *[1] * 20).pause_s(now_s=21.0) == 0.0
