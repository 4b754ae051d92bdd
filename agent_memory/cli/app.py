"""The command line: which commands there are, and `main`.

Start-up is a feature: a runner asks for a prompt at every conversation. So the table below knows
where each command lives and only the one asked for is imported; the options that stand before a
command are read by `options.hoist`; typer's own parameters, whose values it checks with pydantic,
are left out while they are not in play.
"""

# ruff: noqa: ARG001  # the group's options are declared for its help; `options.hoist` read them
from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from agent_memory.cli import exits, options
from agent_memory.cli.examples import EXAMPLES
from agent_memory.cli.exits import WrongUsageError

NAME = "agent-memory"
PANELS = {
    "look": ("ls", "show", "prompt", "search", "links"),
    "write": ("init", "remember", "update", "forget", "mv", "rm", "edit"),
    "keep": ("check", "stale", "prune", "inbox", "compact", "report", "doctor"),
    "history": ("log", "diff", "undo", "restore", "conflicts"),
    "connect": ("mcp", "hook", "demo"),
}
_HOMES = {  # commands that live elsewhere than in the module of their panel
    "conflicts": "conflicts",
    "stale": "aged",
    "prune": "pruning",
    "inbox": "inbox",
    "report": "reported",
    "hook": "install",
}
_HELP, _HELP_NAMES = f"{NAME}.help", frozenset({"--help", "-h"})
_COMMAND_FIRST = f"{NAME}.command"
COMMANDS = {name: panel for panel, names in PANELS.items() for name in names}
EPILOG = (
    "Every command takes, before or after its name: --dir PATH, or --agent NAME with --scope and"
    " --project, or --definition FILE; --json, --quiet, --no-color. None given: the only memory"
    " of the project."
)


class LazyCommand(TyperCommand):
    """A command that looks at its help option when help is asked for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands behind the command."""
        ctx.meta[_HELP] = not _HELP_NAMES.isdisjoint(args)
        with exits.output():  # the help is printed while it is parsed
            return super().parse_args(ctx, args)

    def get_params(self, ctx: Any) -> Any:
        """The command's parameters; the help option only where it is in play."""
        all_of_them = ctx.resilient_parsing or ctx.meta.get(_HELP, True)
        return super().get_params(ctx) if all_of_them else self.params


class LazyGroup(TyperGroup):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # typer passes it
        """The names of all commands, panel by panel."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # typer passes it
        """The command, None where there is none of this name."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            self.commands[cmd_name] = _load(cmd_name)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names, with near misses where there is none."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            from difflib import get_close_matches

            near = tuple(get_close_matches(name, COMMANDS, 3, 0.5))
            raise WrongUsageError(
                f"there is no command {name!r}", f"`{NAME} --help` lists them", near
            )
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the command."""
        ctx.meta[_COMMAND_FIRST] = bool(args) and not args[0].startswith("-")
        with exits.output():  # the help and the version are printed while it is parsed
            return super().parse_args(ctx, args)

    def get_params(self, ctx: Any) -> Any:
        """The group's options; none where the first word is a command, as all were hoisted."""
        hoisted = ctx.meta.get(_COMMAND_FIRST) and not ctx.resilient_parsing
        return [] if hoisted else super().get_params(ctx)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands by panel, where no terminal draws the panels."""
        for panel, names in PANELS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(panel.capitalize()):
                formatter.write_dl([(name, _first_line(command)) for name, command in commands])


def _first_line(command: Any) -> str:
    return str(command.help).split("\n\n")[0].replace("\n", " ")


def _load(name: str) -> Any:
    """Build the command `name` out of the function of that name in its module."""
    panel = COMMANDS[name]
    function = getattr(import_module(f"agent_memory.cli.{_HOMES.get(name, panel)}"), name)
    single = typer.Typer(add_completion=False, rich_markup_mode=_markup())
    epilog = f"\b\nExample:\n  {EXAMPLES[name]}\n\n{EPILOG}"
    single.command(name, cls=LazyCommand, epilog=epilog, rich_help_panel=panel.capitalize())(
        function
    )
    return typer.main.get_command(single)


def _markup() -> Any:
    """Panels where people look; plain help for pipes and files."""
    return "rich" if sys.stdout is not None and sys.stdout.isatty() else None


def _version(ctx: typer.Context, value: bool) -> None:
    if value:
        from agent_memory import __version__

        if ctx.obj is not None and ctx.obj.json:
            exits.print_json({"version": __version__})
        else:
            typer.echo(f"{NAME} {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=LazyGroup,
    rich_markup_mode=_markup(),
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": sorted(_HELP_NAMES), "terminal_width": 80},
)


@app.callback(invoke_without_command=True, epilog=f"\b\nExample:\n  {NAME} demo")
def agent_memory(
    ctx: typer.Context,
    dir: Annotated[  # noqa: A002  # the option's name
        str | None, typer.Option(metavar="PATH", help="The memory's directory.")
    ] = None,
    agent: Annotated[
        str | None, typer.Option(metavar="NAME", help="The agent whose memory it is.")
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(metavar="SCOPE", help="user, project or local; `prompt` takes several."),
    ] = None,
    project: Annotated[
        str | None, typer.Option(metavar="PATH", help="The project, where it is not around here.")
    ] = None,
    definition: Annotated[
        str | None, typer.Option(metavar="FILE", help="The agent's definition file.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document, also for a failure.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print nothing that was not asked for.")
    ] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="Print without colours.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """The persistent memory of AI agents: a directory of Markdown, kept safe and small.

    Options stand before or after the command.
    """
    if ctx.invoked_subcommand is not None:
        return
    if ctx.obj is not None and ctx.obj.json:
        exits.print_json({"commands": _listed(ctx)})
    else:
        with exits.output():
            typer.echo(ctx.get_help())


def _listed(ctx: Any) -> list[dict[str, str]]:
    """Every command with its panel and its first line, for a program that asks for none."""
    return [
        {"name": name, "panel": panel, "help": _first_line(ctx.command.get_command(ctx, name))}
        for name, panel in COMMANDS.items()
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    # A parsed file is very many small objects without cycles: looking for some all the time
    # takes as long as parsing does.
    gc.set_threshold(50_000)
    words = list(sys.argv[1:] if arguments is None else arguments)
    return exits.guarded(lambda: _run(words), options.wants_json(words))


def _run(words: list[str]) -> int:
    chosen, rest = options.hoist(words)
    status = app(args=rest, prog_name=NAME, standalone_mode=False, obj=chosen)
    return status if isinstance(status, int) else 0
