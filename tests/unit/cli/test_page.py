"""Pictures are written as files and as one page that needs no network."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from coadapt.cli._page import Page, Picture, write_page
from coadapt.domain.errors import StoreError


def page(title: str = "Value") -> Page:
    picture = Picture("gain", Figure(), "what <b>to</b> see")
    return Page("value.html", title, "lead", [("model", "CRPS"), ("rfm", "3.1")], [picture])


def test_text_of_the_data_is_escaped(tmp_path: Path) -> None:
    files = write_page(page("<script>"), tmp_path / "new")
    text = (tmp_path / "new" / "value.html").read_text()
    assert [path.name for path in files] == ["gain.png", "value.html"]
    assert "<script>" not in text
    assert "&lt;b&gt;to&lt;/b&gt;" in text
    assert "<td>3.1</td>" in text


def test_the_same_page_has_the_same_bytes(tmp_path: Path) -> None:
    write_page(page(), tmp_path / "a")
    write_page(page(), tmp_path / "b")
    names = ("gain.png", "value.html")
    assert all(
        (tmp_path / "a" / n).read_bytes() == (tmp_path / "b" / n).read_bytes() for n in names
    )


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        write_page(page(), tmp_path / "file")
