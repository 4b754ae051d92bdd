"""How a command ends: every error has an exit code, a line what is wrong and a line what to do.

0 done; 1 findings, nothing or too much found; 2 wrong usage or definition; 3 try again;
4 refused; 5 the files or the disk; 130 interrupted; 141 nobody reads on.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import typer

from agent_memory import errors
from agent_memory.core.text import printable

FINDINGS, USAGE, RETRY, REFUSED, BROKEN = 1, 2, 3, 4, 5
INTERRUPTED, PIPE_CLOSED = 130, 141  # 128 + SIGINT, 128 + SIGPIPE, as shells have them

CODES: tuple[tuple[type[errors.AgentMemoryError], int], ...] = (
    (errors.NotFoundError, FINDINGS),
    (errors.AmbiguousError, FINDINGS),
    (errors.DefinitionError, USAGE),
    (errors.ConflictError, RETRY),
    (errors.LockTimeoutError, RETRY),
    (errors.PolicyError, REFUSED),
    (errors.UnsafePathError, REFUSED),
    (errors.BudgetError, REFUSED),
    (errors.DecodeError, BROKEN),
    (errors.StorageError, BROKEN),
)
_DETAILS = ("suggestions", "candidates", "path", "line", "column", "base", "ours", "theirs")
# The parser's own errors, from wherever this typer takes its parser: BadParameter is a
# UsageError is a ClickException.
_PARSER_ERROR: type[Exception] = typer.BadParameter.__mro__[2]


class WrongUsageError(Exception):
    """A command line that cannot be what was meant; `candidates` are what could have been."""

    def __init__(self, message: str, hint: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.candidates = candidates


class EditorError(errors.AgentMemoryError):
    """The person's editor ended with an error; nothing was written."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as it is reported; `code` is a stable name, `status` the exit code."""

    code: str
    status: int
    message: str
    hint: str
    details: dict[str, object] = field(default_factory=dict)


def guarded(run: Callable[[], int], as_json: bool) -> int:
    """The exit code of `run`, with every error that a person can do something about reported."""
    try:
        status = run()
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):
            return _pipe_closed()
        return stop.code if isinstance(stop.code, int) else 0
    except BrokenPipeError:
        return _pipe_closed()
    except (errors.AgentMemoryError, WrongUsageError, _PARSER_ERROR, OSError) as error:
        found = fault(error)
        report(found, as_json)
        return found.status
    return status


def fault(error: Exception) -> Fault:
    """What there is to say about an error."""
    if isinstance(error, errors.AgentMemoryError):
        details = {name: getattr(error, name) for name in _DETAILS if getattr(error, name, None)}
        return Fault(_code(error), _status(error), error.message, error.hint, details)
    if isinstance(error, WrongUsageError):
        listed: dict[str, object] = {"candidates": error.candidates} if error.candidates else {}
        return Fault("usage", USAGE, error.message, error.hint, listed)
    if isinstance(error, OSError):
        message = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return Fault("storage", BROKEN, message, "check the path and its permissions")
    message = str(getattr(error, "format_message", error.__str__)()).strip()
    return Fault("usage", USAGE, " ".join(message.split()), _usage_hint(error))


def _code(error: errors.AgentMemoryError) -> str:
    """The class's name without `Error`, in kebab case."""
    name = type(error).__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _status(error: errors.AgentMemoryError) -> int:
    return next((status for kind, status in CODES if isinstance(error, kind)), FINDINGS)


def _usage_hint(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "") or "agent-memory"
    return f"`{path} --help` shows how it is used"


def report(found: Fault, as_json: bool) -> None:
    """Print an error: one JSON document on stdout, or lines for a person on stderr."""
    if as_json:
        body = {"code": found.code, "message": found.message, "hint": found.hint, **found.details}
        print_json({"error": body})
        return
    lines = [f"error: {found.message}"]
    if found.hint:
        lines.append(f"hint: {found.hint}")
    for name, heading in (("candidates", ""), ("suggestions", "did you mean ")):
        listed = found.details.get(name)
        if isinstance(listed, tuple):
            lines += [f"  {heading}{item}" for item in listed]
    say("\n".join(lines))


def say(text: str) -> None:
    """Print lines to stderr, fit for a terminal."""
    stream = sys.stderr
    safe = printable(text).encode(stream.encoding or "utf-8", "replace")
    stream.write(safe.decode(stream.encoding or "utf-8") + "\n")
    stream.flush()


def print_json(document: object) -> None:
    """Print one JSON document: ASCII only, so that every byte of a memory survives the way."""
    import json

    text = json.dumps(document, ensure_ascii=True, indent=2).replace("\x7f", "\\u007f")
    sys.stdout.write(text + "\n")


def _pipe_closed() -> int:
    # What is left in the buffers would fail once more when the interpreter shuts down.
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is None:
            continue
        try:
            stream.flush()
        except OSError:
            os.dup2(silence, stream.fileno())
    return PIPE_CLOSED
