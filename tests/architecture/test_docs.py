"""What the guides show is valid."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from coadapt.plugins import plugin_modules
from coadapt.settings import settings_from
from coadapt.training.kinds import parse_any_config
from coadapt.tuning.config import TuningConfig

DOCS = Path(__file__).parents[2] / "docs"
BLOCKS = [
    pytest.param(tomllib.loads(text), id=f"{page.stem}-{number}")
    for page in sorted(DOCS.glob("*.md"))
    for number, text in enumerate(re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL))
]


@pytest.mark.parametrize("document", BLOCKS)
def test_a_configuration_in_the_guides_is_valid(document: dict[str, Any]) -> None:
    if document.keys() == {"tuning"}:
        assert TuningConfig.model_validate(document["tuning"])
    elif document.keys() & {"recommender", "value", "pipeline"}:
        assert parse_any_config(document, "guide")
    else:
        assert settings_from(document, "guide")


def test_every_source_is_in_the_guide() -> None:
    guide = (DOCS / "data.md").read_text()
    assert all(f"`{name}`" in guide for name in plugin_modules("data/sources"))


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    root = DOCS.parent
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (root / page).read_text())
    assert [link for link in links if not (root / link).exists()] == []
