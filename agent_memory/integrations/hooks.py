"""A coding agent's hooks: what to answer to an event of its runner.

Events and answers are those of the Claude Code hooks reference
(https://code.claude.com/docs/en/hooks), which other runners follow. An answer is a dictionary to
print as JSON, None where there is nothing to say. Most events are about files outside of any
memory, so nothing is imported before it is known that one is concerned.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from agent_memory.project import concerned

TYPE_CHECKING = False  # typing's own costs its import
if TYPE_CHECKING:
    from datetime import datetime

    from agent_memory.core.budget import BudgetReport
    from agent_memory.core.checks.finding import Finding
    from agent_memory.core.history import Commit
    from agent_memory.memory import Memory

Choice = Mapping[str, str]
"""Of the hook's own options those that are given: `dir`, `agent`, `scope`, `project`, `prompt`;
`limits` is `standard` where the environment sets none, `home` the person's home directory."""
Answer = dict[str, object]
Given = Mapping[str, object]

STARTS = ("SessionStart", "UserPromptSubmit", "SubagentStart")
BEFORE, AFTER = "PreToolUse", "PostToolUse"
ENDS = ("SubagentStop", "Stop")
EVENTS = (*STARTS, BEFORE, AFTER, *ENDS)
_MOST = 5  # findings, lines or commits that an answer names
_MAIN = "main"  # who is at work where no agent is named: the conversation itself


def answer(event: str, given: Given, choice: Choice) -> Answer | None:
    """What to say to one of `EVENTS`.

    Args:
        event: its name.
        given: the runner's JSON.
        choice: what the hook's own command line says of memories and prompts.

    Raises:
        AgentMemoryError: the memory or a setting cannot be read.
    """
    if event in STARTS:
        said = _start(given, choice)
        return _context(event, said) if said else None
    if event in ENDS:
        said = _end(given, choice)
        return {"systemMessage": said} if said else None
    tool = _mapping(given, "tool_input")
    path = _text(tool, "file_path")
    if not path:
        return None
    path = os.path.join(_text(given, "cwd") or os.getcwd(), path)
    found = concerned.around(path, _config_home)
    if found is None:
        path = os.path.realpath(path)
        found = concerned.around(path, _config_home)
    if found is None:
        return None
    if event == BEFORE:
        return _before(path, tool, found, choice)
    return _after(path, given, found)


def _config_home() -> object:
    from agent_memory.project import settings

    return settings.config_home()


# -- the start of a session, a prompt or a subagent ---------------------------------------------


def _start(given: Given, choice: Choice) -> str:
    """The block of a memory that the runner does not inject, else a notice where it cuts it."""
    from agent_memory.integrations import hook_quick

    agent, cwd = _text(given, "agent_type"), _text(given, "cwd") or os.getcwd()
    if hook_quick.is_silent_start(agent, cwd, choice):
        return ""
    from agent_memory.integrations import hook_memory

    found = hook_memory.of_start(agent, cwd, choice)
    if len(found) == 1 and not found[0].injected:
        return found[0].memory.prompt()
    return "\n".join(filter(None, (_over(one.memory) for one in found)))


def _over(memory: Memory) -> str:
    report = memory.budget()
    if not report.over:
        return ""
    return (
        f"Not all of {memory.directory}/MEMORY.md is loaded: it has {report.lines} lines and"
        f" {report.bytes:,} bytes. {_lost(report)} Read the file for the rest, and move details"
        f" into topic files, or run `agent-memory compact --dir {_quoted(memory.directory)}`."
    )


# -- before a write -----------------------------------------------------------------------------


def _before(path: str, tool: Given, found: concerned.Concerned, choice: Choice) -> Answer | None:
    """A refusal of what a memory must not hold, or a warning that lines would be lost."""
    from agent_memory.core import edits
    from agent_memory.core import text as texts

    directory = found[0]
    why = concerned.escapes(path, directory)
    if why:
        return _deny(f"{path} is not a file of the memory {directory}: {why}")
    now = _read(path)
    current = None if now is None else texts.decode(now)
    proposed = edits.result(tool, current)
    if proposed is None:
        return None
    name = _name(path, directory)
    refused = _refused(name, proposed, current)
    if refused:
        return _deny(refused)
    if name != concerned.INDEX:
        return None
    warning = _warning(proposed, current or "", found, choice)
    return _context(BEFORE, warning) if warning else None


def _refused(name: str, proposed: str, current: str | None) -> str:
    """Why a file of the memory must not get this text, "" where it may."""
    from agent_memory.core import paths, policy
    from agent_memory.errors import AgentMemoryError
    from agent_memory.project.detector import detector

    try:
        if current is None and name.lower().endswith(concerned.SUFFIXES):
            paths.topic_path(name)
        if proposed.strip():
            policy.screen(proposed, current or "", detect=detector())
    except AgentMemoryError as error:
        from agent_memory.core.replies import hint

        return f"{name}: {error.message}. {hint(error)}"
    return ""


def _warning(proposed: str, current: str, found: concerned.Concerned, choice: Choice) -> str:
    """What an index would lose with its new text that it does not lose now."""
    from agent_memory.integrations import hook_quick

    directory, kind, _, base = found
    root = os.path.dirname(base) if kind else directory
    if hook_quick.fits(proposed, root, choice):
        return ""
    from pathlib import Path

    from agent_memory.core import budget as budgets
    from agent_memory.project import settings

    chosen = settings.load(Path(root))
    limits = budgets.Budget(chosen.max_lines, chosen.max_bytes)
    report = budgets.report(proposed, limits)
    if len(report.cut) <= len(budgets.report(current, limits).cut):
        return ""
    return (
        f"With this edit MEMORY.md has {report.lines} lines and {report.bytes:,} bytes, more than"
        f" is put into the prompt. {_lost(report)} Put details into a topic file, one linked line"
        f" in MEMORY.md, or run `agent-memory compact --dir {_quoted(directory)}` afterwards."
    )


# -- after a write ------------------------------------------------------------------------------


def _after(path: str, given: Given, found: concerned.Concerned) -> Answer | None:
    """Record the edit as a commit, and say what is wrong with the memory since it."""
    from agent_memory.integrations import hook_memory

    directory = found[0]
    if concerned.escapes(path, directory):
        return None
    memory = hook_memory.opened(found, _text(given, "agent_type"), _MAIN)
    name = _name(path, directory)
    commit = memory.record_external(
        name, _is_new(_mapping(given, "tool_response")), session=_text(given, "session_id")
    )
    if commit.is_empty:
        return None
    said = []
    report = memory.budget()
    if name == concerned.INDEX and report.over:
        said.append(
            f"MEMORY.md has {report.lines} lines and {report.bytes:,} bytes, more than is put into"
            f" the prompt. {_lost(report)}"
        )
    if commit.operation == "external":
        said += _worse(memory.introduced(commit))
    if not said:
        return None
    said.append(f"`agent-memory undo {commit.id} --dir {_quoted(directory)}` takes the edit back.")
    return _context(AFTER, "\n".join(said))


def _worse(findings: list[Finding]) -> list[str]:
    """Findings that an edit brought; that the index is over its budget is said anyway."""
    told = [one for one in findings if one.severity != "info" and one.code != "BU001"]
    lines = [
        f"- {one.path}:{one.line}: {one.code} {one.message}" + (f" ({one.hint})" * bool(one.hint))
        for one in told[:_MOST]
    ]
    if len(told) > _MOST:
        lines.append(f"- and {len(told) - _MOST} more; `agent-memory check` lists them")
    return ["This edit brought:", *lines] if lines else []


def _is_new(response: Given) -> bool:
    """Whether the runner says that the file was not there before."""
    missing: object = object()
    return response.get("type") == "create" or response.get("originalFile", missing) is None


# -- the end of a subagent ----------------------------------------------------------------------


def _end(given: Given, choice: Choice) -> str:
    """What was changed in the agent's memory since it started."""
    from agent_memory.integrations import hook_memory

    agent, cwd = _text(given, "agent_type"), _text(given, "cwd") or os.getcwd()
    if not agent and not {"dir", "agent"} & choice.keys():
        return ""
    since = hook_memory.started(_text(given, "agent_transcript_path"))
    said = []
    for one in hook_memory.of_start(agent, cwd, choice):
        recent = one.memory.log(limit=200)
        commits = [c for c in recent if _belongs(c, since, _text(given, "session_id"), agent)]
        if commits:
            said.append(_changes(one.memory, commits, agent))
    return "\n".join(said)


def _belongs(commit: Commit, since: datetime | None, session: str, agent: str) -> bool:
    if since is not None:
        return commit.time >= since
    return bool(session) and commit.session == session and commit.actor == (agent or _MAIN)


def _changes(memory: Memory, commits: list[Commit], agent: str) -> str:
    shown = [
        f"  {c.id}  {c.message}" + (f"  (by {c.actor})" if c.actor != (agent or _MAIN) else "")
        for c in commits[:_MOST]
    ]
    count = "1 change" if len(commits) == 1 else f"{len(commits)} changes"
    more = [f"  and {len(commits) - _MOST} more"] if len(commits) > _MOST else []
    where = f"`agent-memory log --dir {_quoted(memory.directory)}`"
    return "\n".join([f"{count} in the memory of {memory.name} ({where}):", *shown, *more])


# -- forms and fields ---------------------------------------------------------------------------


def _context(event: str, text: str) -> Answer:
    return {"hookSpecificOutput": {"hookEventName": event, "additionalContext": text}}


def _deny(reason: str) -> Answer:
    return {
        "hookSpecificOutput": {
            "hookEventName": BEFORE,
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        }
    }


def _lost(report: BudgetReport) -> str:
    """Which lines of an index are past its limits, with the first words of them."""
    from agent_memory.core import text as texts

    first, last = report.cut[0], report.cut[-1]
    words = next((cut.text for cut in report.cut if cut.text.strip()), "")
    lines = f"line {first.line} is" if first is last else f"lines {first.line}–{last.line} are"
    limits = f"{report.budget.lines} lines or {report.budget.bytes:,} bytes"
    return f"Past {limits}, {lines} lost; the first reads “{texts.shorten(words.strip(), 80)}”."


def _name(path: str, directory: str) -> str:
    return os.path.relpath(os.path.normpath(path), os.path.normpath(directory)).replace(os.sep, "/")


def _quoted(directory: object) -> str:
    from shlex import quote

    return quote(str(directory))


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, IsADirectoryError):
        return None


def _text(given: Given, name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) else ""


def _mapping(given: Given, name: str) -> Given:
    value = given.get(name)
    return value if isinstance(value, Mapping) else {}
