"""Links and code spans with their exact places.

markdown-it-py decides what is a link; it has no places inside of a line, so its link, image,
code span and autolink rules are wrapped, each noting where it began and ended in the text that it
was given. That text is the source's lines without their containers' marks, so every position
leads back to the file.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, zip_longest
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from agent_memory.core import text as texts
from agent_memory.core.text import Span

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline.state_inline import StateInline
    from markdown_it.token import Token

    from agent_memory.core.frontmatter import FrontMatter

InlineKind = Literal["link", "reference", "image", "autolink", "code", "html", "definition"]
_BAR = re.compile(r"(?<!\\)\|")
_LABEL = r"\[(?:[^\\\]]|\\[\s\S])*\]:"
_Rule = Callable[["StateInline", bool], bool]


class Source(Protocol):
    """What is looked at: a document, by its text, its lines and what stands above its body."""

    @property
    def text(self) -> str:
        """The whole text."""

    @property
    def lines(self) -> list[str]:
        """Its lines with their endings."""

    @property
    def front_matter(self) -> FrontMatter | None:
        """The YAML block at the top, if there is one."""


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
    the file; `taken` are the stretches of the content that are links, code and the like; `breaks`
    are the positions of its line endings.
    """

    content: str
    line: int
    starts: tuple[tuple[int, int], ...]
    taken: tuple[Span, ...]
    breaks: tuple[int, ...] = ()

    @property
    def prose(self) -> str:
        """The content with spaces in place of what is taken."""
        parts: list[str] = []
        done = 0
        for start, end in self.taken:
            # One within another, a picture in a link's label, is taken already.
            parts += [self.content[done:start], " " * (end - max(start, done))]
            done = max(done, end)
        return "".join([*parts, self.content[done:]])

    def source(self, position: int) -> int:
        """The character of the file at a position of the content."""
        inside, outside = self.starts[bisect_right(self.starts, position, key=itemgetter(0)) - 1]
        return outside + position - inside

    def line_at(self, position: int) -> int:
        """The line, from 1, of a position of the content."""
        return self.line + bisect_left(self.breaks, position)


@dataclass(frozen=True, slots=True)
class Inlines:
    """The inline constructs of a document, and the runs of text that they stand in."""

    found: tuple[Inline, ...]
    runs: tuple[Run, ...]


def inlines(document: Source) -> Inlines:
    """Every link, image, autolink, code span and link definition, in order."""
    front = document.front_matter
    first = front.lines if front else 0
    body = document.text[front.span.end :] if front else document.text.removeprefix(texts.BOM)
    starts = _line_starts(document)
    found: list[Inline] = []
    runs: list[Run] = []
    cells: list[Token] = []
    before = ""
    for token in _markdown().parse(body):
        if token.type == "definition":
            found.append(_definition(document, token, first, starts))
        elif token.type == "tr_close":
            row = _row(document, cells, first, starts)
            runs += row
            for run, cell in zip(row, cells, strict=True):
                found += _in_run(run, cell)
            cells = []
        elif token.type == "inline" and token.map is not None:
            if before in ("th_open", "td_open"):
                cells.append(token)
            else:
                runs.append(_run(document, token, first, starts))
                found += _in_run(runs[-1], token)
        before = token.type
    return Inlines(tuple(sorted(found, key=lambda inline: inline.span)), tuple(runs))


def _line_starts(document: Source) -> list[int]:
    starts, total = [], 0
    for line in document.lines:
        starts.append(total)
        total += len(line)
    return starts


def _run(document: Source, token: Token, first: int, starts: list[int]) -> Run:
    """A paragraph's or heading's content, each line led back to the end of its source line."""
    assert token.map is not None  # noqa: S101  (asked by the caller)
    parts = token.content.split("\n")
    begin, end = first + token.map[0], first + token.map[1]
    sources = [texts.bare(line).replace("\0", "\ufffd") for line in document.lines[begin:end]]
    # Lines of nothing but wide or no-break spaces are trimmed off before and after the content.
    skipped = next((n for n in range(len(sources)) if _matches(sources[n:], parts)), 0)
    places: list[tuple[int, int]] = []
    position = 0
    for number, part in enumerate(parts):
        # A tab before the content may have become spaces; it is never part of a construct.
        indent = len(part) - len(part.lstrip(" \t"))
        column = max(_column(sources[skipped + number], part.strip(" \t")), 0)
        places.append((position + indent, starts[begin + skipped + number] + column))
        position += len(part) + 1
    ends = accumulate(len(part) + 1 for part in parts[:-1])
    breaks = tuple(end - 1 for end in ends)
    return Run(token.content, begin + skipped + 1, tuple(places), _taken(token), breaks)


def _matches(sources: list[str], parts: list[str]) -> bool:
    return len(sources) >= len(parts) and all(
        _column(source, part.strip(" \t")) >= 0
        for source, part in zip(sources, parts, strict=False)
    )


def _taken(token: Token) -> tuple[Span, ...]:
    spans = (child.meta["span"] for child in token.children or () if "span" in child.meta)
    return tuple(Span(*span) for span in spans)


def _column(source: str, wanted: str) -> int:
    """Where a line of inline content stands in its source line.

    Content runs to the end of its line, but for headings that are closed.
    """
    for stripped in (source, source.rstrip(" \t"), source.rstrip()):
        if stripped.endswith(wanted):
            return len(stripped) - len(wanted)
    return source.find(wanted)


def _row(document: Source, cells: list[Token], first: int, starts: list[int]) -> list[Run]:
    """The cells of a table's line; an escaped bar is one character of its cell's content."""
    line = first + (cells[0].map or [0])[0] if cells else 0
    source = texts.bare(document.lines[line]).replace("\0", "\ufffd")
    pieces = _pieces(source)
    outer = int(not _fits(pieces, cells))  # a bar before the first cell
    runs = []
    for cell, piece in zip_longest(cells, pieces[outer:][: len(cells)], fillvalue=_Piece(0, "")):
        assert not isinstance(cell, _Piece)  # noqa: S101  (there are no more pieces than cells)
        runs.append(_cell(cell, piece, source, line, starts[line]))
    return runs


class _Piece(NamedTuple):
    """What stands between two bars of a table's line: where, and what it says."""

    start: int
    content: str


def _pieces(source: str) -> list[_Piece]:
    ends = [match.start() for match in _BAR.finditer(source)] + [len(source)]
    begins = [0, *(end + 1 for end in ends[:-1])]
    return [
        _Piece(begin, source[begin:end].replace("\\|", "|"))
        for begin, end in zip(begins, ends, strict=True)
    ]


def _fits(pieces: list[_Piece], cells: list[Token]) -> bool:
    """Whether the first cell stands in the first piece, perhaps after a container's mark."""
    first, *rest = [cell.content.strip() for cell in cells]
    said = [piece.content.strip() for piece in pieces]
    return bool(first) and said[0].endswith(first) and said[1 : len(cells)] == rest[: len(said) - 1]


def _cell(cell: Token, piece: _Piece, source: str, line: int, begin: int) -> Run:
    content = cell.content
    inside = max(piece.content.rfind(content), 0)
    places: list[tuple[int, int]] = []
    at = piece.start
    for position in range(inside + len(content)):
        escaped = source.startswith("\\|", at)
        at += escaped
        if position == inside or (escaped and position > inside):
            places.append((position - inside, begin + at))
        at += 1
    return Run(content, line + 1, tuple(places) or ((0, begin + piece.start),), _taken(cell))


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
            _led_back(run, target_start, target_end),
            child.content
            if kind in ("code", "html")
            else str(child.attrGet("href") or child.attrGet("src") or ""),
            run.line_at(start),
            child.meta.get("label", ""),
        )


def _led_back(run: Run, start: int, end: int) -> Span:
    begin = run.source(start)
    return Span(begin, run.source(end - 1) + 1 if end > start else begin)


def _definition(document: Source, token: Token, first: int, starts: list[int]) -> Inline:
    """A link definition; its destination is searched after its label."""
    assert token.map is not None  # noqa: S101  (block tokens have one)
    line, end = first + token.map[0], first + token.map[1]
    stop = starts[end] if end < len(starts) else len(document.text)
    begin = document.text.index("[", starts[line])
    label = texts.compiled(_LABEL).match(document.text, begin, stop)
    assert label  # noqa: S101  (the parser found one)
    # A NUL is read as U+FFFD (CommonMark 0.31.2, 2.3), and ends no destination.
    raw = _raw_destination(document.text.replace("\0", "\ufffd"), label.end(), stop)
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
    # On a further line there may be marks of quotations, and no destination begins with one.
    skipped = texts.compiled(r"[ \t]*(?:(?:\r\n|\r|\n)[ \t>]*)?").match(text, start, end)
    start = skipped.end() if skipped else start
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
