"""What front matter means where it is not YAML: read line by line, and never a reason to fail.

3.6 % of real front matter is invalid, most of it by an unquoted `: ` in a description.
"""

from __future__ import annotations

import re

from agent_memory.core import text as texts

_KEY = re.compile(r"([^\s:#'\"\[\]{},&*!|>%@`-][^:\r\n]*?)[ \t]*:(?:[ \t]+|$)(.*)")
_BLOCK_SCALARS = frozenset({"|", ">", "|-", ">-", "|+", ">+"})


def read(raw: str) -> dict[str, object]:
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
            result.setdefault(key, _value(head, more))
        key, head, more = match[1], match[2].strip(), []
    if key:
        result.setdefault(key, _value(head, more))
    return result


def _value(head: str, more: list[str]) -> object:
    """The value that starts with `head` on its key's line and goes on in the lines `more`."""
    rest = [line.strip() for line in more if line.strip() and not line.lstrip().startswith("#")]
    if head in _BLOCK_SCALARS:
        return ("\n" if head[0] == "|" else " ").join(rest)
    if head:
        indented = [line.strip() for line in more if line[:1] in (" ", "\t") and line.strip()]
        return _scalar(" ".join([head, *indented]))
    if rest and all(line == "-" or line.startswith("- ") for line in rest):
        return [_unquote(line[1:].strip()) for line in rest]
    pairs = [_KEY.fullmatch(line) for line in rest]
    if pairs and all(pairs):
        return {pair[1]: _scalar(pair[2].strip()) for pair in pairs if pair}
    return " ".join(rest)


def _scalar(value: str) -> object:
    if value.startswith("[") and value.endswith("]"):
        items = (_unquote(item.strip()) for item in value[1:-1].split(","))
        return [item for item in items if item]
    return _unquote(value)


def _unquote(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return unescape(value[1:-1])
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    return value


_ESCAPE = re.compile(r'\\(["\\n])')


def unescape(quoted: str) -> str:
    """What a double quoted scalar says; only the escapes that people write."""
    return _ESCAPE.sub(lambda m: "\n" if m[1] == "n" else m[1], quoted)
