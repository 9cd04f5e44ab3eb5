"""Say how this installation runs: stores, folders, address, keys; read once, at the edge."""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import from_json

from coadapt.domain.errors import ConfigError
from coadapt.domain.events import DEFAULT_PROJECT
from coadapt.domain.spelling import unknown_name

Scope = Literal["ingest", "recommend", "read", "admin"]

PREFIX: Final = "COADAPT_"

_Name = Annotated[str, Field(min_length=1, max_length=256)]
_Positive = Annotated[int, Field(ge=1)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class KeySettings(_Section):
    """Give one key to one project and one scope; keep its SHA-256 (hex) rather than its text."""

    name: _Name
    scope: Scope
    project: _Name = DEFAULT_PROJECT
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    key: Annotated[str, Field(min_length=16)] | None = None

    @model_validator(mode="after")
    def _has_one_secret(self) -> KeySettings:
        if (self.sha256 is None) == (self.key is None):
            raise ValueError("give either sha256 or key")
        return self

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the key in hex."""
        return self.sha256 or sha256((self.key or "").encode()).hexdigest()


class RetrainSettings(_Section):
    """Retrain from a config when time has passed or enough new events have come.

    The new run goes live when its validation `metric` is not below the champion's by more than
    `margin` (a share of the champion's).
    """

    config: Path
    every_minutes: Annotated[float, Field(gt=0)] | None = None
    min_events: _Positive | None = None
    metric: str = "ndcg@10"
    margin: Annotated[float, Field(ge=0, lt=1)] = 0.05


class ProjectSettings(_Section):
    """Set what holds for one project; `replay` lets clients give `as_of` and any timestamp."""

    replay: bool = False
    attribution_window_days: Annotated[float, Field(gt=0)] = 7.0
    retrain: RetrainSettings | None = None


class LimitSettings(_Section):
    """Bound what one process takes on: bytes a body, questions that wait, answers remembered.

    Of value: people in memory, and after how many events a snapshot of their state is kept.
    """

    max_body_bytes: _Positive = 2_000_000
    max_waiting: _Positive = 512
    max_exposures: _Positive = 200_000
    max_value_users: _Positive = 200_000
    snapshot_every: _Positive = 200_000


LogLevel = Literal["debug", "info", "warning", "error"]


class Settings(_Section):
    """Hold the settings of one installation."""

    store_url: str = "sqlite:///coadapt.db"
    runs: Path = Path("runs")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8400
    keys: tuple[KeySettings, ...] = ()
    projects: Mapping[str, ProjectSettings] = Field(default_factory=dict)
    limits: LimitSettings = LimitSettings()
    log_level: LogLevel = "info"

    @model_validator(mode="after")
    def _is_safe(self) -> Settings:
        if not self.keys and not is_loopback(self.host):
            raise ValueError("a public host needs keys: add [[keys]] or bind to 127.0.0.1")
        return self

    def project(self, name: str) -> ProjectSettings:
        """Return the settings of a project, the defaults for one that is not named."""
        return self.projects.get(name, ProjectSettings())


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read a TOML file (None: defaults) and lay `COADAPT_<KEY>` of the environment over it.

    Lists and tables are given as JSON in the environment. Raises ConfigError naming file and key.
    """
    document = {} if path is None else _read(path)
    overlay = {
        name: _from_environment(environ[PREFIX + name.upper()], name)
        for name in Settings.model_fields
        if PREFIX + name.upper() in environ
    }
    return settings_from(document | overlay, str(path or "settings"))


def settings_from(document: Mapping[str, Any], place: str) -> Settings:
    """Validate settings that were read from a place. Raises ConfigError naming place and key."""
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        problems = [_problem(item) for item in error.errors(include_input=False, include_url=False)]
        said = "; ".join(f"{key}: {reason}" if key else reason for key, reason in problems)
        raise ConfigError(f"{place}: {said}", field=problems[0][0] or None) from None


def is_loopback(host: str) -> bool:
    """Tell whether a host can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _problem(error: Mapping[str, Any]) -> tuple[str, str]:
    """Return the key that pydantic finds wrong, and why, in our words."""
    parts: tuple[str | int, ...] = error["loc"]
    key = ".".join(map(str, parts))
    if error["type"] == "extra_forbidden":
        return key, unknown_name(str(parts[-1]), _section_of(parts).model_fields)
    if error["type"] == "missing":
        return key, "is required"
    message = str(error["msg"])
    for subject in ("Value error, ", "Input ", "String "):
        message = message.removeprefix(subject)
    return key, message.replace("should", "must", 1)


def _section_of(parts: Sequence[str | int]) -> type[_Section]:
    """Return the section that a key is in."""
    named = [_SECTIONS[part] for part in parts[:-1] if isinstance(part, str) and part in _SECTIONS]
    return named[-1] if named else Settings


_SECTIONS: Final[Mapping[str, type[_Section]]] = {
    "keys": KeySettings,
    "projects": ProjectSettings,
    "retrain": RetrainSettings,
    "limits": LimitSettings,
}


def _read(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises ConfigError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not TOML ({error})") from error


def _from_environment(text: str, name: str) -> Any:
    """Return a variable's value; those of lists and tables are JSON."""
    if name not in {"keys", "projects", "limits"}:
        return text
    try:
        return from_json(text)
    except ValueError as error:
        raise ConfigError(f"{PREFIX}{name.upper()}: is not JSON", field=name) from error
