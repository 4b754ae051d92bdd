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

from agent_memory.core import text as texts

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
        return Values(_lenient(readable), problem)
    plain = _plain(raw)
    if plain is not None:
        return Values(plain)
    return _yaml(raw)


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
_ESCAPE = re.compile(r'\\(["\\n])')
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
        return _unescape(double) if _DOUBLE.fullmatch(double) else None
    if (single := match["single"]) is not None:
        return None if "'" in single else single
    plain = match["plain"]
    if not plain or plain.endswith((":", " ")) or ": " in plain or " #" in plain:
        return None
    return None if plain.casefold() in _RESERVED else plain


def _unescape(quoted: str) -> str:
    return _ESCAPE.sub(lambda m: "\n" if m[1] == "n" else m[1], quoted)


# --- YAML ---


def _yaml(raw: str) -> Values:
    """`raw` read by ruamel.yaml, leniently where that refuses."""
    try:
        loaded = _parser().load(raw)
    except Exception as error:  # any failure of a parser on a stranger's text is the same news
        return Values(_lenient(raw), _problem(error))
    if loaded is None:
        return Values({})
    if not isinstance(loaded, dict):
        return Values(_lenient(raw), Problem("front matter is not a list of `key: value`", 1, 1))
    return Values({str(key): value for key, value in loaded.items()})


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


# --- what is not YAML ---

_KEY = re.compile(r"([^\s:#'\"\[\]{},&*!|>%@`-][^:\r\n]*?)[ \t]*:(?:[ \t]+|$)(.*)")
_BLOCK_SCALARS = frozenset({"|", ">", "|-", ">-", "|+", ">+"})


def _lenient(raw: str) -> dict[str, object]:
    """Whatever `raw` says line by line; all values are strings, lists of them, or one mapping."""
    result: dict[str, object] = {}
    key = head = ""
    more: list[str] = []
    for line in [texts.bare(line) for line in texts.lines(raw)]:
        match = _KEY.fullmatch(line)
        if match is None:
            more.append(line)
            continue
        if key:
            result.setdefault(key, _lenient_value(head, more))
        key, head, more = match[1], match[2].strip(), []
    if key:
        result.setdefault(key, _lenient_value(head, more))
    return result


def _lenient_value(head: str, more: list[str]) -> object:
    """The value that starts with `head` on its key's line and goes on in the lines `more`."""
    rest = [line.strip() for line in more if line.strip() and not line.lstrip().startswith("#")]
    if head in _BLOCK_SCALARS:
        return ("\n" if head[0] == "|" else " ").join(rest)
    if head:
        indented = [line.strip() for line in more if line[:1] in (" ", "\t") and line.strip()]
        return _lenient_scalar(" ".join([head, *indented]))
    if rest and all(line == "-" or line.startswith("- ") for line in rest):
        return [_unquote(line[1:].strip()) for line in rest]
    pairs = [_KEY.fullmatch(line) for line in rest]
    if pairs and all(pairs):
        return {pair[1]: _lenient_scalar(pair[2].strip()) for pair in pairs if pair}
    return " ".join(rest)


def _lenient_scalar(value: str) -> object:
    if value.startswith("[") and value.endswith("]"):
        items = (_unquote(item.strip()) for item in value[1:-1].split(","))
        return [item for item in items if item]
    return _unquote(value)


def _unquote(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return _unescape(value[1:-1])
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    return value
