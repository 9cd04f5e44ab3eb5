"""Write and read arrays as safetensors, checked; never pickle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from coadapt.domain.errors import RunError

MAX_HEADER_BYTES: Final = 1_000_000
_LENGTH_BYTES: Final = 8


def save_arrays(arrays: Mapping[str, npt.NDArray[Any]], *, must_be_finite: bool = True) -> bytes:
    """Return arrays by name as the bytes of a safetensors file.

    Raises RunError for what would not load.
    """
    for name, array in arrays.items() if must_be_finite else ():
        _check_finite(name, array)
    content: bytes = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    _check_header(content, "these arrays")
    return content


def load_arrays(path: Path, *, must_be_finite: bool = True) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a safetensors file by name; floats are checked to be finite.

    Raises RunError naming the file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RunError(f"{path.name} cannot be read; train again or restore the run") from error
    _check_header(content, path.name)
    try:
        arrays: dict[str, npt.NDArray[Any]] = load(content)
    except (SafetensorError, KeyError, ValueError) as error:
        raise RunError(f"{path.name} is not a safetensors file; restore the run") from error
    for name, array in arrays.items() if must_be_finite else ():
        _check_finite(f"{name} of {path.name}", array)
    return arrays


def _check_header(content: bytes, name: str) -> None:
    """Refuse a header that is longer than any run of ours needs."""
    length = int.from_bytes(content[:_LENGTH_BYTES], "little")
    if length > min(MAX_HEADER_BYTES, len(content) - _LENGTH_BYTES):
        raise RunError(f"{name}: the safetensors header is cut or over {MAX_HEADER_BYTES} bytes")


def _check_finite(name: str, array: npt.NDArray[Any]) -> None:
    """Refuse NaN and infinities."""
    if np.issubdtype(array.dtype, np.inexact) and not np.isfinite(array).all():
        raise RunError(f"{name} holds values that are not finite; train again")
