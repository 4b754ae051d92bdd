"""`report`: how a memory stands, as one HTML page for a team, or as JSON."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent_memory.cli import opening
from agent_memory.cli.blocks import Line
from agent_memory.cli.commits import commit_json
from agent_memory.cli.examples import example
from agent_memory.cli.exits import WrongUsageError
from agent_memory.cli.linked import links_json
from agent_memory.cli.screen import Screen, dump
from agent_memory.core import text as texts
from agent_memory.core.report.page import MARK, page
from agent_memory.core.secrets import masked

if TYPE_CHECKING:
    from agent_memory.core.report.standing import Standing

_STDOUT = "-"
_HEAD = 1_000  # bytes in which the mark of a report stands


@example("agent-memory report --output memory.html")
def report(
    ctx: typer.Context,
    output: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write this file, outside of the memory; - for stdout."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace FILE also where it is no report.")
    ] = False,
) -> None:
    """Write one HTML page of how the memory stands, for a team; --json prints its facts.

    Budget, topics, findings, staleness with evidence, growth, commits and links, in one file that
    loads nothing. Who gets the page gets the memory.
    """
    screen = Screen(ctx.obj)
    if output is None and not ctx.obj.json:
        raise WrongUsageError(
            "report needs --output",
            "write it as `--output memory.html`, or `--output -` for stdout",
        )
    if output == _STDOUT and ctx.obj.json:
        raise WrongUsageError(
            "--json and --output - are both for stdout", "leave out one of them, or name a file"
        )
    memory = opening.memory(ctx.obj, screen.note)
    path = None if output in (None, _STDOUT) else _destination(str(output), memory.directory, force)
    standing = memory.standing(ctx.obj.project)
    for notice in standing.staleness.notices:
        screen.note(notice)
    if output == _STDOUT:
        screen.exact(page(standing))
        return
    written = 0
    if path is not None:
        data = texts.encode(page(standing))
        _replace(path, data)
        written = len(data)
    where = {"written": str(path), "bytes": written} if path is not None else {}
    screen.answer(
        lambda: {**where, **facts(standing)},
        lambda: [
            Line(f"written: {path}"),
            Line("who gets the page gets the memory", "quiet"),
        ],
    )


def facts(standing: Standing) -> dict[str, object]:
    """Everything that the page tells, for programs; as there, no secret is told."""
    place = standing.place
    told = {
        "name": standing.name,
        "directory": place.directory,
        "scope": place.scope,
        "made": standing.made.isoformat(),
        "budget": dump(standing.budget),
        "entries": standing.entries,
        "topics": [dump(age) for age in standing.topics],
        "findings": [dump(finding) for finding in standing.findings],
        "staleness": dump(standing.staleness),
        "growth": [dump(day) for day in standing.growth],
        "commits": [commit_json(commit) for commit in standing.commits],
        "all_commits": standing.all_commits,
        "lost": [dump(one) for one in standing.lost],
        "conflicts": [dump(conflict) for conflict in standing.conflicts],
        "links": links_json(standing.graph),
    }
    return {name: _masked(value) for name, value in told.items()}


def _masked(value: object) -> object:
    """JSON without the secrets in its texts."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, list):
        return [_masked(one) for one in value]
    return {key: _masked(one) for key, one in value.items()} if isinstance(value, dict) else value


def _destination(output: str, memory: Path, force: bool) -> Path:
    """Where a report may be written; a link is followed to the file that it names.

    Raises:
        WrongUsageError: within a memory, or in place of what is no report of ours.
    """
    path = Path(os.path.realpath(output))
    if path.is_relative_to(os.path.realpath(memory)):
        raise WrongUsageError(
            f"{path} is inside the memory", "what is there belongs to the agent: write it elsewhere"
        )
    if not path.exists():
        return path
    if not path.is_file():
        raise WrongUsageError(f"{path} is no file", "name another one, or - for stdout")
    with path.open("rb") as file:
        is_ours = MARK.encode() in file.read(_HEAD)
    if not (is_ours or force):
        raise WrongUsageError(
            f"{path} exists and is no report", "name another file, or replace it with --force"
        )
    return path


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; one that is there keeps its permissions."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.write_bytes(data)
        if path.exists():
            beside.chmod(path.stat().st_mode & 0o777)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error
