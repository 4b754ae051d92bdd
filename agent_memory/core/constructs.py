"""Every construct of a Markdown file, at every depth, with its exact place in the file.

markdown-it-py decides what there is. It keeps lines only, so its block rules are wrapped: each
notes in which column its construct begins and what the construct's own text is, that is, its
lines without the marks of the quotations and list items around it. No second parser is at work.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from agent_memory.core import text as texts
from agent_memory.core.blocks import is_comment
from agent_memory.core.text import Span

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

    from agent_memory.core.document import Document
    from agent_memory.core.inline import InlineKind

ConstructKind = Literal[
    "front matter", "section", "heading", "list", "item", "paragraph", "table", "row", "fence",
    "code", "quote", "html", "comment", "rule", "definition",
    "link", "reference", "image", "autolink", "code span", "inline html",
]  # fmt: skip
_NOWHERE = Span(0, 0)
_Rule = Callable[["StateBlock", int, int, bool], bool]

_KINDS: dict[str, ConstructKind] = {
    "heading_open": "heading",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "list_item_open": "item",
    "paragraph_open": "paragraph",
    "table_open": "table",
    "tr_open": "row",
    "fence": "fence",
    "code_block": "code",
    "blockquote_open": "quote",
    "html_block": "html",
    "hr": "rule",
    "definition": "definition",
}
_INLINE: dict[InlineKind, ConstructKind] = {
    "link": "link",
    "reference": "reference",
    "image": "image",
    "autolink": "autolink",
    "code": "code span",
    "html": "inline html",
}


@dataclass(frozen=True, slots=True)
class Construct:
    """One construct.

    `span` counts characters of the file's text, from the construct's first own character to the
    end of its last line, that line's ending and blank lines after it left out (a section and
    front matter hold whole lines). `line` and `end_line` count from 1 and belong to it. `own` is
    its text without the marks of what holds it. `level` is a heading's or section's; `info` is
    what a fence says after its backticks, a list's mark, a heading's or section's title, a
    link's destination; `target_span` is where a link's destination is written.
    """

    kind: ConstructKind
    span: Span
    line: int
    end_line: int
    own: str
    level: int = 0
    info: str = ""
    target_span: Span = _NOWHERE

    def byte_span(self, document: Document) -> Span:
        """The span in bytes of the file."""
        if document.text.isascii():
            return self.span
        starts, sizes = _line_bytes(document)
        line = bisect_right(starts, self.span.start) - 1
        start = sizes[line] + texts.size(document.text[starts[line] : self.span.start])
        return Span(start, start + texts.size(document.text[slice(*self.span)]))


@lru_cache(maxsize=8)
def _line_bytes(document: Document) -> tuple[list[int], list[int]]:
    """Where each line begins, in characters and in bytes."""
    lines = document.lines
    return [0, *accumulate(map(len, lines))], [0, *accumulate(map(texts.size, lines))]


@lru_cache(maxsize=64)
def constructs(document: Document) -> tuple[Construct, ...]:
    """Every construct in order, what holds others before what it holds."""
    found = [*_front_matter(document), *_sections(document)]
    found += _blocks(document)
    found += _inlines(document)
    return tuple(sorted(found, key=lambda one: (one.span.start, -one.span.end)))


def _front_matter(document: Document) -> Iterator[Construct]:
    front = document.front_matter
    if front:
        own = document.text[slice(*front.span)]
        yield Construct("front matter", front.span, 1, front.lines, own)


def _sections(document: Document) -> Iterator[Construct]:
    starts = _line_starts(document)
    for section in document.sections:
        span = Span(starts[section.line - 1], starts[section.end_line])
        own = document.text[slice(*span)]
        yield Construct(
            "section", span, section.line, section.end_line, own, section.level, section.title
        )


def _inlines(document: Document) -> Iterator[Construct]:
    starts = _line_starts(document)
    for inline in document.inlines.found:
        if inline.kind == "definition":
            continue  # a block, and found as one
        kind = _INLINE[inline.kind]
        last = bisect_right(starts, inline.span.end - 1)
        own = document.text[slice(*inline.span)]
        yield Construct(
            kind, inline.span, inline.line, last, own, 0, inline.target, inline.target_span
        )


def _line_starts(document: Document) -> list[int]:
    """Where each line begins, a byte order mark skipped, and where the text ends."""
    starts = [0, *accumulate(map(len, document.lines))]
    if document.text.startswith(texts.BOM):
        starts[0] = 1
    return starts


def _blocks(document: Document) -> Iterator[Construct]:
    front = document.front_matter
    first = front.lines if front else 0
    body = document.text[front.span.end :] if front else document.text.removeprefix(texts.BOM)
    tokens = _markdown().parse(body)
    starts = _line_starts(document)
    for number, token in enumerate(tokens):
        if token.type in _KINDS and "own" in token.meta:
            yield _block(document, tokens, number, first, starts)


def _block(
    document: Document, tokens: Sequence[Token], number: int, first: int, starts: list[int]
) -> Construct:
    token = tokens[number]
    assert token.map is not None  # noqa: S101  (noted with its lines)
    lines = token.meta["own"].split("\n")[: token.map[1] - token.map[0]]
    while len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    line = first + token.map[0]
    last = line + len(lines) - 1
    source = document.text[starts[line] : starts[line + 1]]
    start = starts[line] + _column(token, source, lines[0])
    end = starts[last] + len(texts.bare(document.text[starts[last] : starts[last + 1]]))
    kind = _KINDS[token.type]
    if kind == "html" and is_comment(token.content):
        kind = "comment"
    own = "\n".join(lines)
    info, level = _info(tokens, number), int(token.tag[1]) if kind == "heading" else 0
    return Construct(kind, Span(start, max(start, end)), line + 1, last + 1, own, level, info)


def _column(token: Token, source: str, own: str) -> int:
    """Where a construct begins in its first line; indented code begins with its indent."""
    column = int(token.meta["column"])
    if token.type == "code_block":
        indent = own[: len(own) - len(own.lstrip(" \t"))]
        if source[:column].endswith(indent):
            return column - len(indent)
    return column


def _info(tokens: Sequence[Token], number: int) -> str:
    token = tokens[number]
    if token.type == "fence":
        return str(token.info)
    if token.type == "heading_open":
        return " ".join(tokens[number + 1].content.split())
    if token.type == "definition":
        return str(token.meta["url"])
    return str(token.markup) if token.type in ("list_item_open", "bullet_list_open") else ""


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"inline_definitions": True}).enable("table")
    parser.core.ruler.disable(["inline", "text_join"])  # the inline constructs have their own room
    for name, (rule, ends) in _rules().items():
        parser.block.ruler.at(name, _noting(rule), {"alt": ends})
    return parser


def _rules() -> dict[str, tuple[_Rule, list[str]]]:
    """Each block rule, and the constructs that it can end, as markdown-it has them."""
    from markdown_it import rules_block as rules

    text, quote = ["paragraph", "reference"], ["paragraph", "reference", "blockquote"]
    every = [*quote, "list"]
    return {
        "table": (rules.table, text),
        "code": (rules.code, []),
        "fence": (rules.fence, every),
        "blockquote": (rules.blockquote, every),
        "hr": (rules.hr, every),
        "list": (rules.list_block, quote),
        "reference": (rules.reference, []),
        "html_block": (rules.html_block, quote),
        "heading": (rules.heading, quote),
        "lheading": (rules.lheading, []),
        "paragraph": (rules.paragraph, []),
    }


def _noting(rule: _Rule) -> _Rule:
    """The rule, noting on its tokens the column they begin in and their own text."""

    def noted(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        count = len(state.tokens)
        if not rule(state, start, end, silent):
            return False
        if not silent:
            for token in state.tokens[count:]:
                if token.map is not None and "own" not in token.meta and token.type in _KINDS:
                    _note(state, token)
        return True

    return noted


def _note(state: StateBlock, token: Token) -> None:
    assert token.map is not None  # noqa: S101  (asked by the caller)
    first, last = token.map
    position = state.bMarks[first] + state.tShift[first]
    column = position - (state.src.rfind("\n", 0, position) + 1)
    token.meta["column"] = column
    own = state.getLines(first, last, state.blkIndent, False)
    if token.type != "code_block":
        # A tab that belongs in part to a container is no more than the columns left of it.
        indent = " " * max(state.sCount[first] - state.blkIndent, 0)
        own = indent + own.lstrip(" \t")
    token.meta["own"] = own
