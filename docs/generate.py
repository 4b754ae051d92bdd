"""Write what in docs/ is made from the code: `python docs/generate.py`.

The reference of the command line from its own declarations, the rules of a check from their
docstrings, and the picture of the sample memory.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from agent_memory.cli import exits
from agent_memory.cli.app import EPILOG, NAME, PANELS, app
from agent_memory.cli.examples import EXAMPLES
from agent_memory.core import checks, links
from agent_memory.core.budget import Budget
from agent_memory.core.checks.finding import Rule
from agent_memory.core.graph import graph
from agent_memory.core.picture.svg import svg
from agent_memory.core.snapshot import Snapshot

CLI = Path(__file__).with_name("cli.md")
RULES = Path(__file__).with_name("rules.md")
PICTURE = Path(__file__).with_name("links.svg")
SAMPLE = Path(__file__).parents[1] / "examples" / "memory"
_STATUS = {
    0: "done",
    exits.FINDINGS: "findings, or nothing found, or too much",
    exits.USAGE: "wrong usage",
    exits.RETRY: "try again",
    exits.REFUSED: "refused",
    exits.BROKEN: "files or disk",
    exits.INTERRUPTED: "interrupted",
    exits.PIPE_CLOSED: "nobody reads on",
}


def cli_reference() -> str:
    """The text of docs/cli.md."""
    group: Any = typer.main.get_command(app)
    context = typer.Context(group, info_name=NAME)
    parts = [
        f"# `{NAME}`",
        "<!-- made by docs/generate.py; do not edit -->",
        inspect.cleandoc(group.help).split("\n\n")[0],
        EPILOG,
        "## Options of every command",
        "\n".join(_options(group)),
        "## Exit codes",
        "\n".join(_exit_codes()),
        "Errors go to stderr: a line what is wrong, a line what to do. With `--json` they are one"
        ' document on stdout: `{"error": {"code", "message", "hint"}}`.',
    ]
    for panel, names in PANELS.items():
        parts.append(f"## {panel.capitalize()}")
        for name in names:
            parts += _command(name, group.get_command(context, name))
    return "\n\n".join(parts) + "\n"


def _command(name: str, command: Any) -> list[str]:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    usage = " ".join([NAME, name, *(_argument(param) for param in arguments)])
    rows = [f"| `{_cell(_argument(param))}` | {_cell(param.help)} |" for param in arguments]
    rows += [row for row in _options(command) if row.startswith("| `")]
    table = "\n".join(["| | |", "| --- | --- |", *rows])
    return [
        f"### `{usage}`",
        inspect.cleandoc(command.help),
        *([table] if rows else []),
        f"```console\n$ {EXAMPLES[name]}\n```",
    ]


def _argument(param: Any) -> str:
    return str(param.metavar) if param.required else f"[{param.metavar}]"


def _options(command: Any) -> Iterator[str]:
    yield from ("| option | |", "| --- | --- |")
    for param in command.params:
        if param.param_type_name == "option" and "completion" not in param.name:
            value = f" {param.metavar}" if param.metavar else ""
            yield f"| `{', '.join(param.opts)}{value}` | {_cell(param.help)} |"


def _exit_codes() -> Iterator[str]:
    yield from ("| code | meaning | errors |", "| --- | --- | --- |")
    for status, meaning in _STATUS.items():
        kinds = ", ".join(f"`{kind.__name__}`" for kind, code in exits.CODES if code == status)
        yield f"| {status} | {meaning} | {kinds} |"


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def rules() -> str:
    """The text of docs/rules.md."""
    parts = [
        "# Rules of `agent-memory check`",
        "<!-- made by docs/generate.py; do not edit -->",
        "Errors and warnings make the command exit 1, infos are for a reader. `--select` and"
        " `--ignore`, and the lists of these names in `[tool.agent-memory]`, take codes or what"
        " they begin with; `<!-- agent-memory: ignore PO003 -->` at the end of a line, or alone on"
        " the line above, answers for one finding.",
    ]
    known = checks.rules()
    for family, tells in checks.FAMILIES.items():
        own = [rule for code, rule in known.items() if code.startswith(family)]
        if own:
            parts.append(f"## {family}: {tells.partition(': ')[2]}")
            parts += [part for rule in own for part in _rule(rule)]
    return "\n\n".join(parts) + "\n"


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.code} ({rule.severity}): {rule.name}"
    yield rule.explanation
    if rule.fix:
        yield f"`--fix` {rule.fix}."


def picture() -> str:
    """The text of docs/links.svg."""
    files = {path.name: path.read_bytes() for path in SAMPLE.glob("*.md")}
    snapshot, budget = Snapshot(files), Budget()
    found, reachable = links.find_all(snapshot), links.reachable(snapshot, budget)
    return svg(graph(snapshot, budget, found, reachable), "The sample memory")


def main() -> int:
    """Write the files."""
    CLI.write_text(cli_reference(), encoding="utf-8")
    RULES.write_text(rules(), encoding="utf-8")
    PICTURE.write_text(picture(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
