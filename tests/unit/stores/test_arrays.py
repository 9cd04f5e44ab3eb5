from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from coadapt.domain.errors import RunError
from coadapt.stores.arrays import load_arrays, save_arrays

ARRAYS = {"w": np.eye(2, dtype=np.float32), "ids": np.arange(3)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(save_arrays(ARRAYS))
    return path


def test_arrays_come_back_with_type_and_shape(file: Path) -> None:
    loaded = load_arrays(file)
    assert loaded["w"].dtype == np.float32
    np.testing.assert_array_equal(loaded["w"], ARRAYS["w"])
    np.testing.assert_array_equal(loaded["ids"], ARRAYS["ids"])


def test_a_transposed_array_is_saved_as_it_looks(tmp_path: Path) -> None:
    array = np.arange(6.0).reshape(2, 3).T
    (tmp_path / "w").write_bytes(save_arrays({"w": array}))
    np.testing.assert_array_equal(load_arrays(tmp_path / "w")["w"], array)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_not_saved(value: float) -> None:
    with pytest.raises(RunError, match="w holds values that are not finite"):
        save_arrays({"w": np.array([1.0, value])})


def test_what_became_not_finite_is_not_loaded(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content.replace(np.float32(1).tobytes(), np.float32(np.nan).tobytes(), 1))
    with pytest.raises(RunError, match=r"w of weights.safetensors"):
        load_arrays(file)


@pytest.mark.parametrize("content", [b"", b"\x80\x04pickle", b"\xff" * 100, b"\2" + b"\0" * 7])
def test_another_files_bytes_are_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(RunError, match=r"weights.safetensors"):
        load_arrays(file)


def test_a_cut_file_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(RunError, match=r"weights.safetensors"):
        load_arrays(file)


def test_a_header_over_the_limit_is_refused_unread(file: Path) -> None:
    file.write_bytes((2_000_000).to_bytes(8, "little") + b" " * 2_000_000)
    with pytest.raises(RunError, match="header"):
        load_arrays(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"nothing\.safetensors cannot be read"):
        load_arrays(tmp_path / "nothing.safetensors")
