"""Progress need not be told to anybody."""

from coadapt.domain.progress import no_progress


def test_progress_may_be_told_to_nobody() -> None:
    assert no_progress(1, 2, "half") is None
