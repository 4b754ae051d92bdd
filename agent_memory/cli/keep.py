"""Keeping a memory in order: `check`, `compact` and `doctor`."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated

import typer

from agent_memory.cli import commits, exits, opening, views
from agent_memory.cli.blocks import Diff, Line
from agent_memory.cli.examples import example
from agent_memory.cli.exits import WrongUsageError
from agent_memory.cli.screen import Screen, dump
from agent_memory.core import checks
from agent_memory.core.checks.finding import Finding
from agent_memory.memory import Memory


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


@example("agent-memory check --select BU,PO --format github")
def check(
    ctx: typer.Context,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Only codes that begin so; may be repeated."),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="No codes that begin so; may be repeated."),
    ] = None,
    format: Annotated[  # noqa: A002  # the option's name
        Format, typer.Option(metavar="FORMAT", help="text, json or github.")
    ] = Format.TEXT,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what can be mended safely, in one commit.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what --fix would change, and write nothing.")
    ] = False,
    explain: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Say what a rule looks for and why, and check nothing."),
    ] = None,
) -> None:
    """Say what is wrong with the memory; exit 1 when an error or a warning is found, not an info.

    `<!-- agent-memory: ignore CODE -->` at the end of a line, or alone on the line above, answers
    for a finding. `ST` looks into git's history, and only where it is selected.
    """
    screen = Screen(ctx.obj)
    if explain is not None:
        _explain(screen, explain)
        return
    chosen = _codes(select), _codes(ignore)
    memory = opening.writer(ctx.obj, screen.note) if fix else opening.memory(ctx.obj, screen.note)
    project = ctx.obj.project
    found = memory.check(project, *chosen)
    if diff:
        if format is Format.TEXT:
            _preview(screen, memory, found)
    elif fix:
        commit = memory.fix(found, source="user")
        if not commit.is_empty:
            found = memory.check(project, *chosen)
        if not (ctx.obj.json or ctx.obj.quiet or format is not Format.TEXT):
            screen.show(commits.blocks(commit))
    if format is Format.JSON or ctx.obj.json:
        exits.print_json({"findings": [dump(finding) for finding in found]})
    elif format is Format.GITHUB:
        directory = os.path.relpath(memory.directory)
        screen.show([Line(_annotation(directory, finding)) for finding in found])
    elif found or not ctx.obj.quiet:
        screen.show(views.findings(found))
    if any(finding.severity != "info" for finding in found):
        raise typer.Exit(exits.FINDINGS)


def _explain(screen: Screen, code: str) -> None:
    known = checks.rules()
    rule = known.get(code.upper())
    if rule is None:
        near = tuple(name for name in known if name.startswith(code[:2].upper()))
        raise WrongUsageError(f"there is no rule {code}", "docs/rules.md lists them", near)
    screen.answer(lambda: views.rule_json(rule), lambda: views.rule(rule))


def _preview(screen: Screen, memory: Memory, found: list[Finding]) -> None:
    deleted = memory.deleted(found)
    with memory.edit() as draft:
        draft.mend(found, deleted)
        text, notices = draft.diff(), list(draft.notices)
        draft.discard()
    if not screen.options.json:
        screen.show([*([Diff(text)] if text else []), *map(Line, notices)])


class Step(StrEnum):
    """The steps of a compaction."""

    ROWS = "rows"
    SECTIONS = "sections"
    TOPICS = "topics"


@example("agent-memory compact --dry-run")
def compact(
    ctx: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the changes and write nothing.")
    ] = False,
    step: Annotated[
        list[Step] | None,
        typer.Option(
            metavar="STEP",
            help="Only this: rows (shorten long ones), sections (move overflow), topics (split"
            " long ones); may be repeated. Without it: what is needed.",
        ),
    ] = None,
) -> None:
    """Bring the index within its budget and topics within their limit."""
    screen = Screen(ctx.obj)
    memory = opening.writer(ctx.obj, screen.note)
    steps = tuple(one.value for one in step or ())
    if not dry_run:
        commits.tell(screen, memory.compact(steps, source="user"))
        return
    with memory.edit() as draft:
        draft.compact(steps)
        diff, moved, notices = draft.diff(), list(draft.moved), list(draft.notices)
        draft.discard()
    said = [commits.moving(move) for move in moved] + notices
    screen.answer(
        lambda: {"diff": diff, "moved": [dump(move) for move in moved], "notices": notices},
        lambda: [*([Diff(diff)] if diff else []), *(Line(line) for line in said)],
    )


@example("agent-memory doctor")
def doctor(ctx: typer.Context) -> None:
    """Say how the directory, its lock, history and surroundings are; exit 1 to warn."""
    screen = Screen(ctx.obj)
    found = opening.memory(ctx.obj, screen.note).doctor()
    wrong = [finding for finding in found if finding.severity != "info"]
    if ctx.obj.json:
        exits.print_json({"findings": [dump(finding) for finding in found]})
    else:
        screen.show(views.examination(wrong if ctx.obj.quiet else found))
    if wrong:
        raise typer.Exit(exits.FINDINGS)


def _codes(given: list[str] | None) -> tuple[str, ...]:
    """Codes as people give them: repeated, or separated by commas, in any case."""
    parts = (code.strip().upper() for part in given or () for code in part.split(","))
    codes = tuple(code for code in parts if code)
    for code in checks.unknown(codes):
        families = ", ".join(checks.FAMILIES)
        raise WrongUsageError(f"no rule's code begins with {code}", f"families are {families}")
    return codes


def _annotation(directory: str, finding: Finding) -> str:
    """A workflow command of GitHub Actions ("Workflow commands", setting an error message)."""
    level = {"error": "error", "warning": "warning", "info": "notice"}[finding.severity]
    path = _property(os.path.join(directory, finding.path))
    said = _data(f"{finding.message}; {finding.hint}" if finding.hint else finding.message)
    return f"::{level} file={path},line={max(finding.line, 1)},title={finding.code}::{said}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
