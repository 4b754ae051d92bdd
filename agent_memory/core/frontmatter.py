"""Front matter: where it stands in a text, and what it says, however badly it is written.

`split` finds the block and is cheap enough for every file of a memory. `values` reads it: the
usual plain lines without a YAML parser, everything else with ruamel.yaml (YAML 1.2), and what
is not YAML by a lenient reader, because 3.6 % of real front matter is invalid (an unquoted `: `
in a description) and still means something. Anchors, aliases and tags are refused: front
matter comes from strangers, and nine lines of aliases can fill a machine's memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent_memory.core import lenient
from agent_memory.core import text as texts
from agent_memory.errors import PolicyError

if TYPE_CHECKING:
    from ruamel.yaml import YAML

CAP = 8192
MAX_DEPTH = 32

_OPENING = re.compile(r"---[ \t]*(?=\r\n|\r|\n)")
_CLOSING = re.compile(r"(?:\r\n|\r|\n)(?=(?:---|\.\.\.)[ \t]*(?:\r|\n|\Z))")
_FENCE = re.compile(r"(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The block at the head of a text.

    `span` covers both fences and the closing line's ending, in characters; `raw` is what stands
    between the fences; `start_line` is the line of `raw`'s first line, from 1; `lines` counts
    the whole block.
    """

    span: texts.Span
    raw: str
    start_line: int
    lines: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Why front matter could not be read as YAML; `line` and `column` count from 1 within it."""

    message: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Values:
    """What front matter says; with a `problem`, `data` is what a lenient reading found."""

    data: dict[str, object]
    problem: Problem | None = None


class _RefusedError(Exception):
    """Valid YAML that we do not want: its message and zero-based place."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.problem = Problem(message, line + 1, column + 1)


def split(text: str) -> FrontMatter | None:
    """The front matter of `text`, None where it has none.

    It opens with a first line `---` (a byte order mark may precede it) and closes with the
    next line `---` or `...`; both may have trailing blanks.
    """
    start = 1 if text.startswith(texts.BOM) else 0
    if not text.startswith("---", start):
        return None
    opening = _OPENING.match(text, start)
    closing = opening and _CLOSING.search(text, opening.end())
    fence = closing and _FENCE.match(text, closing.end())
    if not (opening and closing and fence):
        return None
    first = opening.end() + (2 if text.startswith("\r\n", opening.end()) else 1)
    span = texts.Span(start, fence.end())
    return FrontMatter(span, text[first : fence.start()], 2, texts.count_lines(text[: fence.end()]))


def values(raw: str, cap: int = CAP) -> Values:
    """What the front matter `raw` says; never raises.

    Dates and times stay the strings they are written as; of a key given twice, the first counts.
    Front matter over `cap` bytes is read leniently and only so far.
    """
    data = raw.encode("utf-8", "surrogatepass")  # any text, also what no file can hold
    if len(data) > cap:
        readable = data[:cap].decode("utf-8", "ignore")
        problem = Problem(f"front matter is over {cap:,} bytes", 1, 1)
        return Values(lenient.read(readable), problem)
    plain = _plain(raw)
    if plain is not None:
        return Values(plain)
    return _yaml(raw)


# --- one value edited, every other byte left alone ---

_VALUE = re.compile(
    r"(?P<gap>[ \t]*)(?P<value>\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|.*?)(?=[ \t]+#|[ \t]*$)"
)
_SAFE = re.compile(r"[^\W\d_](?:[\w ./()+-]*[\w.)+])?")


def with_value(text: str, key: str, value: str) -> str:
    """`text` with one scalar of its front matter set to `value`; every other byte stays.

    `key` is a top-level key or one nested in another (`metadata.type`). A key that is not there
    is added at the end, and front matter at the top where there is none. The quotes stay as they
    are; a value that needs quotes gets them.

    Raises:
        PolicyError: the key holds no scalar, or it cannot be set without touching anything else.
    """
    front = split(text)
    if front is None:
        mark = texts.BOM if text.startswith(texts.BOM) else ""
        ending = texts.ending(text)
        bare = f"{mark}---{ending}---{ending}"
        return with_value(bare + text.removeprefix(texts.BOM), key, value)
    start = text.index(front.raw, text.index("---") + 3) if front.raw else front.span.start
    if not front.raw:
        start += len(texts.lines(text[front.span.start :])[0])
    ending = texts.ending(text[slice(*front.span)])
    raw = _set(texts.lines(front.raw), key.split("."), value, ending)
    if raw is None or not _sets_only(front.raw, raw, key.split("."), value):
        raise PolicyError(
            f"the front matter's {key} cannot be set without touching anything else",
            f"write `{key}` as one plain line, or edit the file by hand",
        )
    return text[:start] + raw + text[start + len(front.raw) :]


def _sets_only(old: str, new: str, keys: list[str], value: str) -> bool:
    """Whether `new` says what `old` does, but for the one value, and is no worse to read."""
    before, after = values(old), values(new)
    inner = before.data.get(keys[0]) if len(keys) > 1 else None
    nested = {**(inner if isinstance(inner, dict) else {}), keys[-1]: value}
    expected = {**before.data, keys[0]: nested if len(keys) > 1 else value}
    return after.data == expected and (after.problem is None or before.problem is not None)


def _set(lines: list[str], keys: list[str], value: str, ending: str) -> str | None:
    """The lines with the value of a key, nested or not, or None where it is no scalar."""
    at = _line_of(lines, keys[0], "")
    if at is None:
        head = "" if len(keys) == 1 else f"{keys[0]}:{ending}  "
        return "".join([*lines, f"{head}{keys[-1]}: {_scalar(value, '')}{ending}"])
    if len(keys) == 1:
        return _replaced(lines, at, keys[0], "", value)
    end = _end_of(lines, at, "")
    inside = [line for line in lines[at + 1 : end] if line.strip() and not _is_comment(line)]
    if not inside or texts.bare(lines[at]).partition(":")[2].partition(" #")[0].strip():
        return None
    indent = inside[0][: len(inside[0]) - len(inside[0].lstrip(" "))]
    nested = _line_of(lines[:end], keys[1], indent, at + 1)
    if nested is not None:
        return _replaced(lines, nested, keys[1], indent, value)
    return "".join([*lines[:end], f"{indent}{keys[1]}: {_scalar(value, '')}{ending}", *lines[end:]])


def _line_of(lines: list[str], key: str, indent: str, start: int = 0) -> int | None:
    pattern = re.compile(rf"{indent}([\"']?){re.escape(key)}\1[ \t]*:(?=[ \t]|$)")
    return next((n for n in range(start, len(lines)) if pattern.match(texts.bare(lines[n]))), None)


def _is_comment(line: str) -> bool:
    return line.lstrip(" \t").startswith("#")


def _end_of(lines: list[str], at: int, indent: str) -> int:
    """The line after the last one that belongs to the key on line `at`."""
    end = at + 1
    for number in range(at + 1, len(lines)):
        line = lines[number]
        depth = len(line) - len(line.lstrip(" \t"))
        if line.strip() and depth <= len(indent):
            break
        if line.strip() and not _is_comment(line):
            end = number + 1
    return end


def _replaced(lines: list[str], at: int, key: str, indent: str, value: str) -> str | None:
    """The lines with another scalar for the key on line `at`; its further lines go with it."""
    line = texts.bare(lines[at])
    head = line.index(":", len(indent) + len(key)) + 1
    end = _end_of(lines, at, indent)
    rest = line[head:]
    match = _VALUE.match(rest)
    old = match["value"] if match else ""
    if not old.strip() and end > at + 1:
        return None  # a list or a mapping
    if end > at + 1:  # a block scalar, or text over several lines
        new = f"{line[:head]} {_scalar(value, '')}"
        return "".join(
            [*lines[:at], new, lines[end - 1][len(texts.bare(lines[end - 1])) :], *lines[end:]]
        )
    gap = (match["gap"] if match else "") or " "
    tail = rest[match.end() :] if match else ""
    new = line[:head] + gap + _scalar(value, old[:1]) + tail + lines[at][len(line) :]
    return "".join([*lines[:at], new, *lines[at + 1 :]])


def _scalar(value: str, quote: str) -> str:
    """`value` as YAML, in the quotes it had, in double ones where it needs any."""
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    safe = _SAFE.fullmatch(value) and value.casefold() not in _RESERVED
    if quote != '"' and safe:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + escaped + '"'


# --- the usual case: `key: value` lines that mean the same with and without a YAML parser ---

# Printable for YAML, and no line break to anybody: no C0, C1, U+2028, U+2029, BOM, surrogates.
_CHARS = r"\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_PLAIN_LINE = (
    r"(?P<indent> *)(?P<key>[A-Za-z][A-Za-z0-9_-]{0,63}):(?: +(?:"
    rf'"(?P<double>[{_CHARS}]*)"|'
    rf"'(?P<single>[{_CHARS}]*)'|"
    rf"(?P<plain>[A-Za-z][{_CHARS}]*)"
    r"))?"
)
_DOUBLE = re.compile(r'[^"\\]*(?:\\["\\n][^"\\]*)*')
_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def _plain(raw: str) -> dict[str, object] | None:
    """`raw` read line by line, None as soon as a line needs the real parser."""
    result: dict[str, object] = {}
    nested: dict[str, object] | None = None
    depth = 0
    for line in raw.replace("\r\n", "\n").split("\n"):
        if not line:
            continue
        match = texts.compiled(_PLAIN_LINE).fullmatch(line)
        if match is None or match["key"].casefold() in _RESERVED:
            return None
        indent = len(match["indent"])
        if not indent:
            if nested == {}:
                return None
            nested, target = None, result
        elif nested is None or (nested and indent != depth):
            return None
        else:
            depth, target = indent, nested
        if match["key"] in target:
            return None
        if line.endswith(":") and match.lastgroup == "key" and not indent:
            target[match["key"]] = nested = {}
            continue
        value = _plain_value(match)
        if value is None:
            return None
        target[match["key"]] = value
    return None if nested == {} else result


def _plain_value(match: re.Match[str]) -> str | None:
    """The scalar of a matched line; None where it is not simple."""
    if (double := match["double"]) is not None:
        return lenient.unescape(double) if _DOUBLE.fullmatch(double) else None
    if (single := match["single"]) is not None:
        return None if "'" in single else single
    plain = match["plain"]
    if not plain or plain.endswith((":", " ")) or ": " in plain or " #" in plain:
        return None
    return None if plain.casefold() in _RESERVED else plain


# --- YAML ---


def _yaml(raw: str) -> Values:
    """`raw` read by ruamel.yaml, leniently where that refuses."""
    try:
        loaded = _parser().load(raw)
        if isinstance(loaded, dict):  # str() refuses a key that is a number of very many digits
            loaded = {str(key): value for key, value in loaded.items()}
    except Exception as error:  # any failure of a parser on a stranger's text is the same news
        return Values(lenient.read(raw), _problem(error))
    if loaded is None:
        return Values({})
    if not isinstance(loaded, dict):
        return Values(
            lenient.read(raw), Problem("front matter is not a list of `key: value`", 1, 1)
        )
    return Values(loaded)


def _problem(error: Exception) -> Problem:
    if isinstance(error, _RefusedError):
        return error.problem
    mark = getattr(error, "problem_mark", None)
    message = getattr(error, "problem", None) or str(error).partition("\n")[0] or "not YAML"
    return Problem(str(message), getattr(mark, "line", 0) + 1, getattr(mark, "column", 0) + 1)


def _parser() -> YAML:
    """A safe YAML 1.2 reader without anchors, aliases, tags, deep nesting or dates."""
    global _parser_class  # built once: ruamel.yaml costs more to import than a prompt to make
    if _parser_class is None:
        _parser_class = _build_parser_class()
    return _parser_class()


_parser_class: type[YAML] | None = None


def _build_parser_class() -> type[YAML]:
    from ruamel.yaml import YAML
    from ruamel.yaml.composer import Composer
    from ruamel.yaml.constructor import SafeConstructor
    from ruamel.yaml.events import AliasEvent

    class StrictComposer(Composer):
        depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            event = self.parser.peek_event()
            place = (event.start_mark.line, event.start_mark.column)
            if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
                raise _RefusedError("anchors and aliases are not read", *place)
            if getattr(event, "tag", None):
                raise _RefusedError("tags are not read", *place)
            if self.depth >= MAX_DEPTH:
                raise _RefusedError(f"nested deeper than {MAX_DEPTH} levels", *place)
            self.depth += 1
            try:
                return super().compose_node(parent, index)
            finally:
                self.depth -= 1

    class StringDates(SafeConstructor):
        pass

    StringDates.add_constructor(
        "tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node)
    )

    class Parser(YAML):
        def __init__(self) -> None:
            super().__init__(typ="safe", pure=True)
            self.Composer = StrictComposer
            self.Constructor = StringDates
            self.allow_duplicate_keys = True

    return Parser
