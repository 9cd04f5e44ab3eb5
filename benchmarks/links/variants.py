"""Name the variants that show what fresh state and decay are worth; all learn equally long."""

from __future__ import annotations

from typing import Final

from links.model import Variant

FULL: Final = Variant()

MINUTES: Final = 60.0

ABLATIONS: Final = (
    Variant("reference"),
    Variant("refresh every 15 minutes", refresh_s=15 * MINUTES),
    Variant("refresh every hour", refresh_s=60 * MINUTES),
    Variant("one shared rate", decay="shared"),
    Variant("no decay", decay="none"),
    Variant("no ages", has_ages=False),
    Variant("one shared rate, no ages", decay="shared", has_ages=False),
    Variant("no decay, no ages", decay="none", has_ages=False),
)

ABLATION_EPOCHS: Final = 2
