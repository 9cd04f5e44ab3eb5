"""A file is held by one at a time."""

from coadapt.stores.locks import try_lock


def test_a_file_is_held_by_one_until_it_is_closed(tmp_path) -> None:
    with (tmp_path / "file").open("a") as first, (tmp_path / "file").open("a") as second:
        assert try_lock(first)
        assert not try_lock(second)
        first.close()
        assert try_lock(second)
