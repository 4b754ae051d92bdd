"""How a command ends: every error has an exit code, a line what is wrong and a line what to do.

0 done; 1 findings, nothing or too much found; 2 wrong usage or definition; 3 try again;
4 refused; 5 the files or the disk; 130 interrupted; 141 nobody reads on.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
_DETAILS = (
    "suggestions", "candidates", "path", "line", "column", "base", "ours", "theirs", "kept",
)  # fmt: skip
_MAYBE_DONE = "what was asked for may have been done: look before you run it again"
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


class OutputError(Exception):
    """Stdout took no more: the disk below it is full, or it was closed by whoever started us."""


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
    with _some_stdout():
        try:
            status = _ended(run, as_json)
            with output():
                sys.stdout.flush()
        except BrokenPipeError:
            status = PIPE_CLOSED
        except OutputError as error:
            status = BROKEN
            with suppress(BrokenPipeError):
                report(fault(error), as_json=False)  # the document has nowhere to go
        _silence()
    return status


def _ended(run: Callable[[], int], as_json: bool) -> int:
    try:
        status = run()
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):
            raise stop.__context__ from None
        return stop.code if isinstance(stop.code, int) else 0
    except BrokenPipeError:
        raise
    except (errors.AgentMemoryError, WrongUsageError, _PARSER_ERROR, OSError) as error:
        found = fault(error)
        report(found, as_json)
        return found.status
    if status == INTERRUPTED and as_json:
        report(Fault("interrupted", INTERRUPTED, "interrupted", _MAYBE_DONE), as_json)
    return status


@contextmanager
def output() -> Iterator[None]:
    """Around whatever writes to stdout, so that its failure is not taken for the memory's.

    Raises:
        OutputError: stdout took no more, other than because nobody reads on.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error.strerror or str(error)) from error


@contextmanager
def _some_stdout() -> Iterator[None]:
    """Where stdout was closed before we began: one that fails once something is written to it."""
    if sys.stdout is not None:
        yield
        return
    # Opened for reading, so that the system refuses what is written.
    descriptor = os.open(os.devnull, os.O_RDONLY)
    sys.stdout = open(descriptor, "w", encoding="utf-8")  # noqa: SIM115  # must outlive us
    yield


def fault(error: Exception) -> Fault:
    """What there is to say about an error."""
    if isinstance(error, errors.AgentMemoryError):
        details = {name: getattr(error, name) for name in _DETAILS if getattr(error, name, None)}
        return Fault(_code(error), _status(error), error.message, error.hint, details)
    if isinstance(error, OutputError):
        message = f"the output could not be written: {error}"
        return Fault("output", BROKEN, message, _MAYBE_DONE)
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
    if stream is None:  # closed by whoever started us
        return
    safe = printable(text).encode(stream.encoding or "utf-8", "replace")
    try:
        stream.write(safe.decode(stream.encoding or "utf-8") + "\n")
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError:  # there is nowhere left to say it, and what is being done goes on
        return


def print_json(document: object) -> None:
    """Print one JSON document: ASCII only, so that every byte of a memory survives the way."""
    import json

    text = json.dumps(document, ensure_ascii=True, indent=2).replace("\x7f", "\\u007f")
    with output():
        sys.stdout.write(text + "\n")


def _silence() -> None:
    """Send what cannot be written nowhere: it would fail once more at the interpreter's end."""
    for stream in (sys.stdout, sys.__stdout__, sys.__stderr__):
        if stream is None or stream.closed:
            continue
        try:
            stream.flush()
        except OSError:
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, stream.fileno())
            os.close(silence)
