"""Write pictures as PNG files and as one page that needs no network."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure

from coadapt.domain.errors import StoreError

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;color:#22303c;max-width:62rem;margin:2.5rem auto;"
    "padding:0 1.2rem}h1{font-size:1.5rem;margin-bottom:.2rem}figure{margin:2rem 0}"
    "img{max-width:100%;height:auto}figcaption{color:#5b6875;max-width:44rem}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:1rem 0}"
    "th,td{padding:.3rem .8rem;text-align:right;border-bottom:1px solid #e6eaee}"
    "th:first-child,td:first-child{text-align:left}p.lead{color:#5b6875;margin-top:0}"
)


@dataclass(frozen=True, slots=True)
class Picture:
    """Hold a drawing, the name of its file, and what to see in it."""

    name: str
    figure: Figure
    caption: str


@dataclass(frozen=True, slots=True)
class Page:
    """Hold a page: its file's name, a title, a lead, a table (header first), pictures."""

    file: str
    title: str
    lead: str
    table: Sequence[Sequence[str]]
    pictures: Sequence[Picture]


def write_page(page: Page, folder: Path) -> list[Path]:
    """Write each picture as PNG and all of them as one page. Raises StoreError."""
    drawn = [(picture, _png(picture.figure)) for picture in page.pictures]
    files = {f"{picture.name}.png": content for picture, content in drawn}
    figures = "".join(_figure(picture, content) for picture, content in drawn)
    files[page.file] = _document(page, figures).encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror}") from error
    return [folder / name for name in files]


def _png(figure: Figure) -> bytes:
    """Return a figure as PNG; the same figure gives the same bytes."""
    content = BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()


def _figure(picture: Picture, content: bytes) -> str:
    """Return a picture as HTML."""
    caption = escape(picture.caption)
    source = f"data:image/png;base64,{b64encode(content).decode()}"
    return (
        f'<figure><img src="{source}" alt="{caption}"><figcaption>{caption}</figcaption></figure>'
    )


def _document(page: Page, figures: str) -> str:
    """Return the page."""
    header, *rows = page.table
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(page.title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f'<h1>{escape(page.title)}</h1><p class="lead">{escape(page.lead)}</p>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{figures}</html>\n"
    )
