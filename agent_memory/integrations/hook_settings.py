"""Our hooks in a runner's settings file: put in and taken out by splicing its text.

What others wrote there stays as it is, byte by byte: nothing is parsed and written anew. A hook is
ours if it runs `agent-memory hook`, with whatever options somebody gave it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent_memory.core.text import Span, Splice, splice
from agent_memory.errors import DecodeError

TOOLS = "Write|Edit|MultiEdit"
INSTALLED = {
    "SessionStart": "",
    "SubagentStart": "",
    "PreToolUse": TOOLS,
    "PostToolUse": TOOLS,
    "SubagentStop": "",
}
"""The events that are set up, each with the tools that it is for. A prompt's start and the end of
a turn can be asked for by hand: a session's and a subagent's say the same, and less often."""

_OURS = re.compile(r"(?:^|[\s/\\\"'])agent[-_]memory[\"']?\s+hook\s")
_SPACE = re.compile(r"[ \t\r\n]*")
_INDENT = re.compile(r"^([ \t]+)\S", re.M)
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class _Part:
    """A member of an object (`key`) or an item of an array, and where it stands in the text.

    `start` is where its key begins, `at` where its value does, `end` is behind it.
    """

    key: str
    start: int
    at: int
    end: int
    value: object


def installed(text: str, name: str) -> str:
    """The settings file's text with our hooks in it; the same text where they are all there.

    Args:
        text: the file's text, "" where there is no file.
        name: what the file is called in an error.

    Raises:
        DecodeError: it is no JSON, or not what settings look like; with its line.
    """
    text = text if text.strip(" \t\r\n\ufeff") else "{}\n"
    for event, matcher in INSTALLED.items():
        root = _root(text, name)
        hooks = _member(text, root, "hooks", dict, name)
        events = _member(text, hooks, event, list, name) if hooks else None
        if events and any(_is_ours(hook) for _, hook in _all_hooks(text, events, name)):
            continue
        group: dict[str, object] = {"matcher": matcher} if matcher else {}
        group["hooks"] = [{"type": "command", "command": f"agent-memory hook {event}"}]
        if events:
            text = _added(text, events, "", group)
        elif hooks:
            text = _added(text, hooks, event, [group])
        else:
            text = _added(text, root, "hooks", {event: [group]})
    return text


def uninstalled(text: str, name: str) -> str:
    """The settings file's text without our hooks, and without what held nothing but them.

    Raises:
        DecodeError: it is no JSON, or not what settings look like; with its line.
    """
    if not text.strip(" \t\r\n\ufeff"):
        return text
    while True:
        root = _root(text, name)
        hooks = _member(text, root, "hooks", dict, name)
        if hooks is None:
            return text
        doomed = _first_of_ours(text, root, hooks, name)
        if doomed is None:
            return text
        text = _without(text, *doomed)


def _first_of_ours(text: str, root: _Part, hooks: _Part, name: str) -> tuple[_Part, _Part] | None:
    """A part to take out, with what it stands in: the widest that holds nothing but our hooks."""
    for event in _parts(text, hooks):
        for group in _parts(text, event) if isinstance(event.value, list) else ():
            listed = _hooks_of(text, group, name) if isinstance(group.value, dict) else None
            for hook in _parts(text, listed) if listed else ():
                if not _is_ours(hook):
                    continue
                chain = [root, hooks, event, group, listed, hook]
                return _widest([part for part in chain if part is not None], text)
    return None


def _widest(chain: list[_Part], text: str) -> tuple[_Part, _Part]:
    """The outermost part of a chain that would be left empty, and what it stands in."""
    inner = len(chain) - 1
    while inner > 1:
        holder = chain[inner - 1]
        # A group says which tools it is for besides its hooks, and is empty without them.
        is_group = inner - 1 == 3
        if not is_group and len(list(_parts(text, holder))) > 1:
            break
        inner -= 1
    return chain[inner], chain[inner - 1]


def _all_hooks(text: str, events: _Part, name: str) -> Iterator[tuple[_Part, _Part]]:
    for group in _parts(text, events):
        listed = _hooks_of(text, group, name)
        for hook in _parts(text, listed) if listed else ():
            yield group, hook


def _hooks_of(text: str, group: _Part, name: str) -> _Part | None:
    return _member(text, _expected(text, group, dict, name), "hooks", list, name)


def _is_ours(hook: _Part) -> bool:
    command = hook.value.get("command") if isinstance(hook.value, dict) else None
    return isinstance(command, str) and _OURS.search(f"{command} ") is not None


# -- reading, with places -----------------------------------------------------------------------


def _root(text: str, name: str) -> _Part:
    start = _SPACE.match(text, 1 if text.startswith("\ufeff") else 0)
    at = start.end() if start else 0
    try:
        value, end = _DECODER.raw_decode(text, at)
        rest = _SPACE.match(text, end)
        if rest and rest.end() < len(text):
            raise json.JSONDecodeError("something stands behind the settings", text, rest.end())
    except json.JSONDecodeError as error:
        raise DecodeError(
            f"{name}:{error.lineno}: not JSON: {error.msg} (column {error.colno})",
            "mend that line; nothing was written",
        ) from error
    except RecursionError as error:
        raise DecodeError(f"{name}:1: nested too deeply", "nothing was written") from error
    return _expected(text, _Part("", at, at, end, value), dict, name)


def _expected(text: str, part: _Part, kind: type, name: str) -> _Part:
    if isinstance(part.value, kind):
        return part
    what = "an object" if kind is dict else "an array"
    said = f"`{part.key}`" if part.key else "what stands here"
    raise DecodeError(
        f"{name}:{_line(text, part.at)}: {said} is not {what}, as settings have it",
        "mend that line; nothing was written",
    )


def _member(text: str, part: _Part, key: str, kind: type, name: str) -> _Part | None:
    found = [one for one in _parts(text, part) if one.key == key]
    if len(found) > 1:
        raise DecodeError(
            f"{name}:{_line(text, found[1].start)}: `{key}` stands there twice, first in line"
            f" {_line(text, found[0].start)}",
            "make one of the two; nothing was written",
        )
    return _expected(text, found[0], kind, name) if found else None


def _parts(text: str, part: _Part) -> Iterator[_Part]:
    """The members or items of a value that is known to be JSON."""
    at = _skip(text, part.at + 1)
    while text[at] not in "}]":
        start, key = at, ""
        if isinstance(part.value, dict):
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        value, end = _DECODER.raw_decode(text, at)
        yield _Part(key, start, at, end, value)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


# -- splicing -----------------------------------------------------------------------------------


def _added(text: str, holder: _Part, key: str, value: object) -> str:
    """The text with one more member or item at the end of an object or array."""
    parts = list(_parts(text, holder))
    newline = "\r\n" if "\r\n" in text else "\n"
    unit = match[1] if (match := _INDENT.search(text)) else "  "
    label = f"{json.dumps(key)}: " if key else ""
    if parts and "\n" not in text[holder.at : parts[0].start]:  # all on one line
        new = f", {label}{json.dumps(value)}"
        return splice(text, [Splice(Span(parts[-1].end, parts[-1].end), new)])
    margin = _margin(text, parts[0].start) if parts else _margin(text, holder.start) + unit
    dumped = json.dumps(value, indent=unit).replace("\n", f"\n{margin}")
    new = f"\n{margin}{label}{dumped}"
    if parts:
        return splice(text, [_at(parts[-1].end, f",{new}", newline)])
    close = holder.end - 1
    inner = Span(holder.at + 1, close)
    return splice(text, [Splice(inner, f"{new}\n{margin[: -len(unit)]}".replace("\n", newline))])


def _at(place: int, new: str, newline: str) -> Splice:
    return Splice(Span(place, place), new.replace("\n", newline))


def _margin(text: str, at: int) -> str:
    """The white space at the beginning of the line on which a place is."""
    line = text[text.rfind("\n", 0, at) + 1 : at].lstrip("\ufeff")
    return line[: len(line) - len(line.lstrip(" \t"))]


def _without(text: str, part: _Part, holder: _Part) -> str:
    """The text without one member or item, and the comma that parted it from its neighbours."""
    parts = list(_parts(text, holder))
    number = next(n for n, one in enumerate(parts) if one.start == part.start)
    if len(parts) == 1:
        span = Span(holder.at + 1, holder.end - 1)
    elif number:
        span = Span(parts[number - 1].end, part.end)
    else:
        span = Span(part.start, parts[1].start)
    return splice(text, [Splice(span, "")])
