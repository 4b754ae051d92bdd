"""`agent-memory hook EVENT`: a runner's JSON on stdin, the answer as JSON on stdout.

A hook must never stop an agent by failing. Of a command that ends with 2 runners take it that it
blocks, of one that ends otherwise that it failed, show the first line of its stderr, and go on;
with 0 nobody would see that line. So everything that goes wrong ends with 1, or with 2 where
`--strict` asks for it, and a refusal is an answer like any other, with 0.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

from agent_memory.integrations import hooks

FAILED, BLOCKED, INTERRUPTED = 1, 2, 130
_CHOICES = {
    "--dir": None,
    "--agent": None,
    "--scope": ("user", "project", "local"),
    "--project": None,
    "--prompt": ("auto", "always", "never"),
}
_FLAGS = ("--strict", "--json", "--quiet", "--no-color")


class _UsageError(Exception):
    """A command line or an input that cannot be what was meant."""


def main(words: Sequence[str]) -> int:
    """Answer one event, and return the exit code."""
    try:
        _print(_answered(words))
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # whatever it is, the agent must be able to go on
        return _failed(error, BLOCKED if "--strict" in words else FAILED)
    return 0


def _answered(words: Sequence[str]) -> hooks.Answer | None:
    event, choice = _parsed(words)
    given = _given()
    named = given.get("hook_event_name", event)
    if named != event:
        raise _UsageError(f"this is `hook {event}`, and the event is {str(named)[:60]!r}")
    if not any(name.startswith("AGENT_MEMORY_MAX_") for name in os.environ):
        choice["limits"] = "standard"
    choice["home"] = os.environ.get("HOME", "")
    return hooks.answer(event, given, choice)


def _parsed(words: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The event's name and the options that have values."""
    choice: dict[str, str] = {}
    plain: list[str] = []
    rest = iter(words)
    for word in rest:
        flag, equals, value = word.partition("=")
        if flag in _CHOICES:
            value = value if equals else next(rest, "")
            allowed = _CHOICES[flag]
            if not value or (allowed and value not in allowed):
                wanted = f"one of {', '.join(allowed)}" if allowed else "a value"
                raise _UsageError(f"{flag} needs {wanted}")
            choice[flag[2:]] = value
        elif word.startswith("-") and word not in _FLAGS:
            raise _UsageError(f"there is no option {word[:60]}")
        elif word not in _FLAGS:
            plain.append(word)
    if len(plain) != 2 or plain[1] not in hooks.EVENTS:
        raise _UsageError(f"name one event: {', '.join(hooks.EVENTS)}, or install, or uninstall")
    return plain[1], choice


def _given() -> dict[str, object]:
    """What the runner says on stdin."""
    if sys.stdin is None or sys.stdin.isatty():
        raise _UsageError("a hook reads the runner's JSON from stdin; `hook install` sets it up")
    data = sys.stdin.buffer.read()
    try:
        given = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _UsageError(f"stdin is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise _UsageError("stdin is not a JSON object")
    return given


def _print(answer: hooks.Answer | None) -> None:
    if answer is None:
        return
    try:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    except OSError:
        _silence()
        raise


def _failed(error: Exception, status: int) -> int:
    """Say on one line what is wrong, as runners show no more, then what to do."""
    message = str(getattr(error, "message", "") or error or type(error).__name__)
    hint = str(getattr(error, "hint", ""))
    first = " ".join(f"agent-memory hook: {message}".split())
    text = f"{first}\n{hint}\n" if hint else f"{first}\n"
    try:
        sys.stderr.write(text.encode("ascii", "backslashreplace").decode())
        sys.stderr.flush()
    except (OSError, AttributeError):  # closed by whoever started us
        pass
    return status


def _silence() -> None:
    """Send what cannot be written nowhere: it would fail once more at the interpreter's end."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())
    os.close(silence)
