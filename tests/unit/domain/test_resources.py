"""Who is handed nothing trains quietly to the end, always alike."""

from coadapt.domain.resources import Resources


def test_without_wishes_a_training_is_quiet_and_goes_on() -> None:
    resources = Resources()
    resources.progress(1, 2, "half")
    assert not resources.should_stop()
    assert (resources.validate, resources.report) == (None, None)


def test_without_wishes_a_training_can_be_repeated_anywhere() -> None:
    assert Resources() == Resources(seed=0, device="cpu", n_threads=1)
