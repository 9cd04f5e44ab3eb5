"""Say what to learn: one file that is validated whole before anything starts."""

from __future__ import annotations

import tomllib
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import override

from coadapt.data.preprocessing import PreprocessingConfig
from coadapt.data.sources.base import make_source
from coadapt.data.splitting import SplitConfig
from coadapt.domain.errors import ConfigError
from coadapt.evaluation.offline import EvaluationConfig
from coadapt.plugins import load_plugin


class Section(BaseModel):
    """Refuse unknown keys and changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_toml(self) -> str:
        """Return the section as TOML, defaults written out; absent values are left out."""
        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))


class ResolvedSection(Section, ABC):
    """Know what a config leaves unsaid."""

    @abstractmethod
    def resolved(self) -> Self:
        """Return the same config with its plug-in's defaults written out. Raises ConfigError."""


ResolvedT = TypeVar("ResolvedT", bound=ResolvedSection)


class DataConfig(Section):
    """Name what to read.

    A source plug-in and a path, or the event log (`source = "log"`, a store URL). A relative path
    is looked up under the data folder that the caller names. `project` and the log positions
    (`after` exclusive, `until` inclusive) concern the log only.
    """

    source: str = "auto"
    path: str = ""
    options: dict[str, Any] = Field(default_factory=dict)
    project: str = "default"
    after: Annotated[int, Field(ge=0)] = 0
    until: Annotated[int, Field(ge=0)] | None = None

    def check(self) -> None:
        """Raise ConfigError for options that the named source does not have."""
        if self.source not in ("auto", "log"):
            make_source(self.source, self.options)


class ComponentConfig(Section):
    """Name a plug-in and its hyperparameters."""

    name: str
    options: dict[str, Any] = Field(default_factory=dict)


class TrainingConfig(Section):
    """Say how to train: seed, strategy, threads and limits, the same for every method."""

    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    strategy: str = "plain"
    device: Annotated[str, Field(pattern=r"^(cpu|cuda(:\d+)?|mps)$")] = "cpu"
    n_threads: Annotated[int, Field(ge=1)] = 1
    precision: Literal["float32", "bfloat16"] | None = None
    """In which numbers a network multiplies while it trains; the run says which were fastest."""
    max_cpu_seconds: Annotated[float, Field(gt=0)] | None = None
    validation_users: Annotated[int, Field(ge=1)] = 1500
    validation_k: Annotated[int, Field(ge=1)] = 10
    refit: bool = False
    """Fit once more on training and validation events, with the settings that validation chose."""


class RunConfig(ResolvedSection):
    """Say what to learn, from what, and how it is judged.

    Written into the run, defaults included.
    """

    kind: Literal["recommender"] = "recommender"
    data: DataConfig
    preprocessing: PreprocessingConfig = PreprocessingConfig()
    split: SplitConfig = SplitConfig()
    recommender: ComponentConfig
    training: TrainingConfig = TrainingConfig()
    evaluation: EvaluationConfig = EvaluationConfig()

    @override
    def resolved(self) -> Self:
        """Return the same config with the recommender's defaults written out.

        Raises ConfigError.
        """
        self.data.check()
        options = self.make_recommender().config.model_dump(mode="json", exclude_none=True)
        component = self.recommender.model_copy(update={"options": options})
        return self.model_copy(update={"recommender": component})

    def make_recommender(self) -> Any:
        """Construct the recommender that this config names.

        Raises ConfigError, UnknownPluginError.
        """
        return make_component("recommenders", self.recommender, "recommender.options")


def make_component(kind: str, component: ComponentConfig, place: str) -> Any:
    """Construct the plug-in that a section names. Raises ConfigError, UnknownPluginError."""
    plugin = load_plugin(kind, component.name)
    try:
        return plugin(plugin.Config(**component.options))
    except ValidationError as error:
        raise config_error(error, place) from error


def read_run_config(path: Path) -> RunConfig:
    """Read and validate a TOML file whole. Raises ConfigError naming file and key."""
    return parse_run_config(read_toml(path), str(path))


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises ConfigError naming it."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not TOML ({error})") from error


def parse_run_config(document: dict[str, Any], place: str) -> RunConfig:
    """Validate a recommender's config whole. Raises ConfigError."""
    return parse_as(RunConfig, document, place)


def parse_as(kind: type[ResolvedT], document: dict[str, Any], place: str) -> ResolvedT:
    """Validate a config whole as one kind, the plug-ins' own options included.

    Raises ConfigError naming place and key.
    """
    try:
        return kind.model_validate(document).resolved()
    except ValidationError as error:
        raise config_error(error, place) from error
    except ConfigError as error:
        raise ConfigError(f"{place}: {error.message}", field=error.field) from error


def config_error(error: ValidationError, place: str) -> ConfigError:
    """Turn pydantic's errors into one that names place, key and reason."""
    items = error.errors(include_input=False, include_url=False)
    problems = [
        ": ".join(part for part in (".".join(map(str, item["loc"])), _reason(item["msg"])) if part)
        for item in items
    ]
    first = ".".join(map(str, items[0]["loc"]))
    return ConfigError(f"{place}: {'; '.join(problems)}", field=first or None)


def _reason(message: str) -> str:
    """Return why pydantic refuses something, without its own prefix."""
    return message.removeprefix("Value error, ").lower()
