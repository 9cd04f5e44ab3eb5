"""Find the command that was called and load only its file, so that `--help` answers at once."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typing_extensions import override

from coadapt import __version__
from coadapt.domain.errors import CoadaptError

COMMANDS: Final = {
    "playground": "Play the whole loop here: a shop, a training, a service and its shoppers.",
    "data": "Look at data before learning from it; list sources; make synthetic data.",
    "train": "Train what a TOML file says and keep it as a run.",
    "tune": "Search for the settings that validation likes best; interrupt and resume at will.",
    "evaluate": "Evaluate a run on its held-out test events.",
    "compare": "Compare runs on the same test events, pair by pair.",
    "value": "Judge forecasts of what people will spend beside the others; show one person's.",
    "recommend": "Print recommendations of a run for a user or a history.",
    "runs": "List runs and show a run's card.",
    "serve": "Serve events and recommendations over HTTP.",
}
"""Each command is a file of this folder with a Typer `app`."""


class _LazyGroup(TyperGroup):
    """List commands without importing them; import the one that is called."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order in which a newcomer meets them."""
        return list(COMMANDS)

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a stand-in that knows its name and help."""
        if cmd_name not in COMMANDS:
            return None
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name], callback=lambda: None)

    @override
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the real command that the arguments call."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in COMMANDS:
            command = typer.main.get_command(import_module(f"coadapt.cli.{name}").app)
            command.name = name
        return name, command, rest


app = typer.Typer(
    cls=_LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Learn what people want and will be worth, recommend, and prove it.",
)


def _print_version(asked: bool) -> None:  # noqa: FBT001  Typer calls it with the option's value
    """Print the version and stop."""
    if asked:
        print(f"coadapt {__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Learn what people want and will be worth, recommend, and prove it."""


def main() -> None:
    """Run the command line: the edge where every named error becomes one clear line."""
    # Read by PyTorch when it is imported: huge pages halve the time of a softmax step on Linux.
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    # Threads are asked for by `n_threads`: a server that takes every core answers later.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        app()
    except CoadaptError as error:
        print(f"error ({error.code}): {error.message}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
