"""Links and code spans with their exact places.

markdown-it-py decides what is a link; it has no places inside of a line, so its link, image,
code span and autolink rules are wrapped, each noting where it began and ended in the text that it
was given. That text is the source's lines without their containers' marks, so every position
leads back to the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from agent_memory.core import text as texts
from agent_memory.core.text import Span

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline.state_inline import StateInline
    from markdown_it.token import Token

    from agent_memory.core.document import Document

InlineKind = Literal["link", "reference", "image", "autolink", "code", "html", "definition"]
_Rule = Callable[["StateInline", bool], bool]


@dataclass(frozen=True, slots=True)
class Inline:
    """One construct inside of a block.

    `span` is all of it and `target_span` its destination as written, both in characters of the
    file's text (`target_span` is empty where the destination stands elsewhere); `target` is the
    destination, or a code span's content; `label` a reference's label; `line` counts from 1.
    """

    kind: InlineKind
    span: Span
    target_span: Span
    target: str
    line: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of inline text: what the parser saw, and where each of its lines stands.

    `line` is the first line, from 1; `starts` pairs positions in the content with characters of
    the file; `taken` are the stretches of the content that are links, code and the like.
    """

    content: str
    line: int
    starts: tuple[tuple[int, int], ...]
    taken: tuple[Span, ...]

    @property
    def prose(self) -> str:
        """The content with spaces in place of what is taken."""
        text = self.content
        for start, end in self.taken:
            text = text[:start] + " " * (end - start) + text[end:]
        return text

    def source(self, position: int) -> int:
        """The character of the file at a position of the content."""
        inside, outside = max(start for start in self.starts if start[0] <= position)
        return outside + position - inside

    def line_at(self, position: int) -> int:
        """The line, from 1, of a position of the content."""
        return self.line + self.content.count("\n", 0, position)


@dataclass(frozen=True, slots=True)
class Inlines:
    """The inline constructs of a document, and the runs of text that they stand in."""

    found: tuple[Inline, ...]
    runs: tuple[Run, ...]


def inlines(document: Document) -> Inlines:
    """Every link, image, autolink, code span and link definition, in order.

    A run whose lines cannot be led back to the file (a table cell with an escaped bar, a line
    indented by half a tab) is left out; its constructs have no place that could be edited.
    """
    front = document.front_matter
    first = front.lines if front else 0
    body = document.text[front.span.end :] if front else document.text.removeprefix(texts.BOM)
    starts = _line_starts(document)
    found: list[Inline] = []
    runs: list[Run] = []
    cells = _Cells()
    for token in _markdown().parse(body):
        if token.type == "definition":
            found.append(_definition(document, token, first, starts))
        elif token.type == "inline" and token.map is not None:
            run = _run(document, token, first, starts, cells)
            if run is not None:
                runs.append(run)
                found += _in_run(run, token)
    return Inlines(tuple(sorted(found, key=lambda inline: inline.span)), tuple(runs))


def _line_starts(document: Document) -> list[int]:
    starts, total = [], 0
    for line in document.lines:
        starts.append(total)
        total += len(line)
    return starts


class _Cells:
    """Where the next cell of a table's line is looked for."""

    def __init__(self) -> None:
        self._line = -1
        self._after = 0

    def begin(self, line: int) -> int:
        return self._after if line == self._line else 0

    def end(self, line: int, after: int) -> None:
        self._line, self._after = line, after


def _run(
    document: Document, token: Token, first: int, starts: list[int], cells: _Cells
) -> Run | None:
    assert token.map is not None  # noqa: S101  (asked by the caller)
    line = first + token.map[0]
    places: list[tuple[int, int]] = []
    position = 0
    for number, part in enumerate(token.content.split("\n"), line):
        source = texts.bare(document.lines[number]) if number < len(document.lines) else ""
        column = _column(source, part, cells.begin(number))
        if column < 0:
            return None
        places.append((position, starts[number] + column))
        cells.end(number, column + len(part))
        position += len(part) + 1
    taken = (child.meta["span"] for child in token.children or () if "span" in child.meta)
    return Run(token.content, line + 1, tuple(places), tuple(Span(*span) for span in taken))


def _column(source: str, part: str, after: int) -> int:
    """Where a line of inline content stands in its source line, -1 if that cannot be told.

    Content runs to the end of its line, but for headings that are closed and cells of tables.
    """
    wanted = part.rstrip(" \t")
    stripped = source.rstrip(" \t")
    if not after and stripped.endswith(wanted):
        return len(stripped) - len(wanted)
    return source.find(part, after)


def _in_run(run: Run, token: Token) -> Iterator[Inline]:
    for child in token.children or ():
        kind = child.meta.get("kind")
        if kind is None:
            continue
        start, end = child.meta["span"]
        target_start, target_end = child.meta.get("target", (start, start))
        yield Inline(
            kind,
            Span(run.source(start), run.source(end - 1) + 1),
            Span(run.source(target_start), run.source(target_start) + target_end - target_start),
            child.content
            if kind in ("code", "html")
            else str(child.attrGet("href") or child.attrGet("src") or ""),
            run.line_at(start),
            child.meta.get("label", ""),
        )


def _definition(document: Document, token: Token, first: int, starts: list[int]) -> Inline:
    """A link definition; its destination is searched after its label."""
    assert token.map is not None  # noqa: S101  (block tokens have one)
    line, end = first + token.map[0], first + token.map[1]
    stop = starts[end] if end < len(starts) else len(document.text)
    begin = document.text.index("[", starts[line])
    raw = _raw_destination(document.text, document.text.index("]:", begin) + 2, stop)
    return Inline(
        "definition",
        Span(begin, begin + len(document.text[begin:stop].rstrip())),
        raw,
        str(token.meta.get("url", "")),
        line + 1,
        str(token.meta.get("id", "")),
    )


def _raw_destination(text: str, start: int, end: int) -> Span:
    """The destination as written, `<` and `>` left out."""
    while start < end and text[start] in " \t\r\n":
        start += 1
    result = _markdown().helpers.parseLinkDestination(text, start, end)
    return _without_angles(text, start, result.pos) if result.ok else Span(start, start)


def _without_angles(text: str, start: int, end: int) -> Span:
    if end - start >= 2 and text[start] == "<" and text[end - 1] == ">":
        return Span(start + 1, end - 1)
    return Span(start, end)


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import autolink, backtick, html_inline, image, link

    parser = MarkdownIt("commonmark", {"inline_definitions": True, "store_labels": True}).enable(
        "table"
    )
    parser.inline.ruler.at("link", _noting(link, "link", "link_open"))
    parser.inline.ruler.at("image", _noting(image, "image", "image"))
    parser.inline.ruler.at("backticks", _noting(backtick, "code", "code_inline"))
    parser.inline.ruler.at("autolink", _noting(autolink, "autolink", "link_open"))
    parser.inline.ruler.at("html_inline", _noting(html_inline, "html", "html_inline"))
    return parser


def _noting(rule: _Rule, kind: str, token_type: str) -> _Rule:
    """The rule, noting on its token where it began, where it ended, and its destination."""

    def noted(state: StateInline, silent: bool) -> bool:
        start, count = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        if not silent:
            token = next((t for t in state.tokens[count:] if t.type == token_type), None)
            if token is not None:
                token.meta.update(kind=kind, span=(start, state.pos))
                if kind in ("link", "image"):
                    _note_target(state, token, start + (kind == "image"))
        return True

    return noted


def _note_target(state: StateInline, token: Token, start: int) -> None:
    """Note an inline link's destination as written; a reference keeps its label only."""
    end = state.pos
    label_end = state.md.helpers.parseLinkLabel(state, start, True)
    state.pos = end
    if "label" in token.meta or state.src[label_end + 1 : label_end + 2] != "(":
        token.meta["kind"] = "reference" if token.meta["kind"] == "link" else "image"
        return
    token.meta["target"] = tuple(_raw_destination(state.src, label_end + 2, end))
