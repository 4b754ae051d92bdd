"""Where the constructs of a Markdown text stand, line by line, as markdown-it-py has them.

A heading that begins its line after a blank one begins a new construct whatever stands before
it, unless a code fence or a block of HTML was never closed. So a text is read piece by piece, and
pieces that were read before are not read again: a commit changes one section of many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

from agent_memory.core import text as texts

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

    from agent_memory.core.frontmatter import FrontMatter

Kind = Literal[
    "heading", "item", "paragraph", "row", "table", "fence", "quote", "html", "comment", "rule",
    "raw",
]  # fmt: skip

_MARKER = re.compile(
    # The look behind keeps a long run of blanks from being tried at each of them.
    r"(?<![ \t])[ \t]*<!--\s*(?:pin\s*|(?:expires|agent-memory):[^>]*?)-->",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\s*(?:<!--(?:(?!-->).)*-->\s*)+", re.DOTALL)
_HEADING = re.compile(r"#{1,6}(?:[ \t\r\n]|$)")
_CLOSED = frozenset({"fence", "html_block"})  # what a line of its own has to close


@dataclass(frozen=True, slots=True)
class Block:
    """Lines `start` to `end` (from 0, half open, no blank lines at the end) of one construct."""

    kind: Kind
    start: int
    end: int
    level: int = 0
    title: str = ""


def of(front: FrontMatter | None, lines: Sequence[str]) -> tuple[Block, ...]:
    """Every construct in order; link definitions and other rests are `raw`.

    Args:
        front: the file's front matter, which is no Markdown.
        lines: all lines of the file with their endings.
    """
    first = front.lines if front else 0
    body = lines[first:]
    if not front and body:
        body = [body[0].removeprefix(texts.BOM), *body[1:]]
    found: list[Block] = []
    done = first
    for block in _read(body, first):
        found += _raw(lines, done, block.start)
        found.append(block)
        done = max(done, block.end)
    found += _raw(lines, done, len(lines))
    return tuple(found)


def _read(lines: Sequence[str], first: int) -> Iterator[Block]:
    """The blocks of `lines`, whose first one is line `first` of the file, piece by piece."""
    start = 0
    for end in [*_heads(lines), len(lines)]:
        blocks, is_open = _piece("".join(lines[start:end]))
        if is_open and end < len(lines):
            continue  # what was never closed goes on below the heading
        for block in blocks:
            place = (first + start + block.start, first + start + block.end)
            yield Block(block.kind, *place, block.level, block.title)
        start = end


def _heads(lines: Sequence[str]) -> list[int]:
    """The lines (from 0) that hold a heading below a blank line."""
    return [
        number
        for number in range(1, len(lines))
        if lines[number].startswith("#")
        and not lines[number - 1].strip(" \t\r\n")
        and _HEADING.match(lines[number])
    ]


@lru_cache(maxsize=4096)
def _piece(text: str) -> tuple[tuple[Block, ...], bool]:
    """The blocks of a piece of a text, and whether its last one was never closed."""
    lines = texts.lines(text)
    # Bytes that are not UTF-8 came in as lone surrogates, which the parser's rules accept.
    tokens = _markdown().parse(text)
    is_open = any(
        token.level == 0 and token.type in _CLOSED and token.map and token.map[1] >= len(lines)
        for token in tokens
    )
    return tuple(_top_level(tokens, lines)), is_open


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.disable(["inline", "text_join"])  # structure is all that is needed here
    return parser


_ROW_LEVEL = 2  # within a table and its body
_KINDS: dict[str, Kind] = {
    "paragraph_open": "paragraph",
    "fence": "fence",
    "code_block": "fence",
    "blockquote_open": "quote",
    "table_open": "table",
    "hr": "rule",
}


def _top_level(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Block]:
    """The blocks that nothing holds but a list; a table is followed by its rows."""
    body = False
    for number, token in enumerate(tokens):
        if token.map is not None and token.type == "tr_open" and token.level == _ROW_LEVEL and body:
            yield Block("row", token.map[0], token.map[1])
        body = token.type == "tbody_open" or (body and token.type != "tbody_close")
        if token.map is None or token.level > (token.type == "list_item_open"):
            continue
        start, end = token.map
        while end > start + 1 and not lines[end - 1].strip():
            end -= 1
        if token.type == "heading_open":
            title = unmarked(tokens[number + 1].content).strip()
            yield Block("heading", start, end, int(token.tag[1]), " ".join(title.split()))
        elif token.type == "list_item_open":
            yield Block("item", start, end)
        elif token.type == "html_block":
            yield Block("comment" if is_comment(token.content) else "html", start, end)
        elif token.type in _KINDS:
            yield Block(_KINDS[token.type], start, end)


def unmarked(line: str) -> str:
    """The line without marker comments; past the last end of a comment there is none."""
    end = line.rfind("-->") + 3
    return _MARKER.sub("", line[:end]) + line[end:] if end > 2 else line


def is_comment(html: str) -> bool:
    """Whether a block of HTML is nothing but comments."""
    return _COMMENT.fullmatch(html) is not None


def _raw(lines: Sequence[str], start: int, end: int) -> Iterator[Block]:
    """One block for what stands, uncovered, between two others."""
    while start < end and not lines[start].strip():
        start += 1
    while start < end and not lines[end - 1].strip():
        end -= 1
    if start < end:
        yield Block("raw", start, end)
