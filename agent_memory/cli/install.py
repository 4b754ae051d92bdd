"""Setting up a runner's hooks; their events are answered in `hook`, before any of this is there."""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agent_memory.cli import opening
from agent_memory.cli.blocks import Diff, Line
from agent_memory.cli.examples import example
from agent_memory.cli.exits import WrongUsageError
from agent_memory.cli.options import Options
from agent_memory.cli.screen import Screen
from agent_memory.core import text as texts
from agent_memory.errors import StorageError
from agent_memory.integrations import hook_settings
from agent_memory.project import settings

FILE = "settings.json"


class Action(StrEnum):
    """What to do; an event's name is answered without coming here."""

    INSTALL = "install"
    UNINSTALL = "uninstall"


@example("agent-memory hook install --dry-run")
def hook(
    ctx: typer.Context,
    action: Annotated[
        Action, typer.Argument(metavar="EVENT|install|uninstall", help="What to do.")
    ],
    user: Annotated[
        bool, typer.Option("--user", help="Set it up for this person, not for the project.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")
    ] = False,
) -> None:
    """Answer a coding agent's hooks, and set them up in the runner's settings.

    `hook EVENT` reads the hook's JSON on stdin and answers with JSON; EVENT is SessionStart,
    UserPromptSubmit, SubagentStart, PreToolUse, PostToolUse, SubagentStop or Stop. It never stops
    an agent by failing: what goes wrong ends with 1, or with `--strict` with 2, which blocks.
    `--prompt always` gives the prompt block also where the runner injects the memory itself,
    `--prompt never` only notices; by default the agent's definition decides.
    """
    screen = Screen(ctx.obj)
    if user and ctx.obj.project is not None:
        raise WrongUsageError("--user and --project name two settings files", "give one of them")
    path = _settings(screen, user, ctx.obj)
    before = _read(path)
    change = hook_settings.installed if action is Action.INSTALL else hook_settings.uninstalled
    after = change(before or "", str(path))
    is_same = after == (before or "")
    if not (is_same or dry_run):
        _write(path, before, after)
    done = {"file": str(path), "changed": not is_same, "dry_run": dry_run}
    said = "nothing to do" if is_same else f"{action.value}ed"
    told = [] if ctx.obj.quiet else [Line(f"{said}: {path}")]
    blocks = [Diff(_diff(path, before or "", after))] if dry_run else told
    screen.answer(lambda: done, lambda: blocks)
    if action is Action.INSTALL and not dry_run and shutil.which("agent-memory") is None:
        screen.note("`agent-memory` is not on the PATH here, and the hooks run it by that name")


def _settings(screen: Screen, user: bool, chosen: Options) -> Path:
    """The settings file that is meant."""
    if user:
        return settings.config_home() / FILE
    found = opening.project(chosen)
    opening.tell_project(found, screen.note)
    return found.path / settings.load(found.path).base / FILE


def _read(path: Path) -> str | None:
    try:
        return texts.decode(path.read_bytes())
    except FileNotFoundError:
        return None


def _write(path: Path, before: str | None, after: str) -> None:
    """Replace the settings in one step, where they still are what the new ones were made out of."""
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{FILE}.")
    try:
        with open(handle, "wb") as file:
            file.write(texts.encode(after))
            file.flush()
            os.fsync(file.fileno())
        mode = target.stat().st_mode & 0o7777 if before is not None else 0o666 & ~_umask()
        os.chmod(temporary, mode)
        if _read(target) != before:
            raise StorageError(f"{path} was changed just now", "run it again")
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _diff(path: Path, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), str(path), str(path)
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
