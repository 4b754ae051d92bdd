"""What our constructs must agree on with markdown-it's own tokens, said once for every test.

The reference is a plain CommonMark parser with tables, untouched by us. `differences` compares
what it finds in a whole text with what our spans name; `misread` parses each span's own text
alone and expects the same token again. Both return what is wrong in words, nothing when all is
well. What may differ, and why:

- A table's row is a paragraph without the table's head, so rows are not parsed alone.
- A link definition alone leaves no token; its entry among the references is compared instead.
- In a table's cell `\\|` stands for `|`, so a code span that has one reads otherwise alone.
- A link or code span over several lines holds the marks of the quotations and lists around it
  (`> `), which are text when it is parsed alone.
- A paragraph in a quotation or list item may go on with a lazy line, such as `===`, that would
  be a heading's underline, or a table's, if the paragraph stood alone.
- Links within an image's description are no links (CommonMark 0.31.2, 6.4): not compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from agent_memory.core import text as texts
from agent_memory.core.constructs import Construct, constructs
from agent_memory.core.document import Document

TOKENS = {
    "heading": ("heading_open",),
    "item": ("list_item_open",),
    "list": ("bullet_list_open", "ordered_list_open"),
    "paragraph": ("paragraph_open",),
    "table": ("table_open",),
    "row": ("tr_open",),
    "fence": ("fence",),
    "code": ("code_block",),
    "quote": ("blockquote_open",),
    "html": ("html_block",),
    "comment": ("html_block",),
    "rule": ("hr",),
}
_BLOCK = {token: k for k, tokens in TOKENS.items() for token in tokens if k != "comment"}
_LINKS = ("link", "reference", "autolink", "image", "code span")


@cache
def reference() -> MarkdownIt:
    """A parser that we have not touched."""
    return MarkdownIt("commonmark").enable("table")


def body(document: Document) -> tuple[str, int]:
    """What markdown-it is given of a file, and how many lines stand before that."""
    front = document.front_matter
    if front:
        return document.text[front.span.end :], front.lines
    return document.text.removeprefix("\ufeff"), 0


def differences(document: Document) -> list[str]:
    """Where our spans and markdown-it's tokens of the whole text disagree."""
    text, first = body(document)
    tokens = reference().parse(text)
    theirs = [
        (first + token.map[0] + 1, _BLOCK[token.type], _said(tokens, number))
        for number, token in enumerate(tokens)
        if token.map and token.type in _BLOCK
    ]
    ours = [
        (one.line, "html" if one.kind == "comment" else one.kind, _ours_said(one))
        for one in constructs(document)
        if one.kind in TOKENS
    ]
    found = _missing(document, sorted(theirs), sorted(ours))
    theirs_inside = [said for token in tokens for said in _links(token, first)]
    ours_inside = [
        (one.line, "image" if one.kind == "image" else _linkish(one.kind), one.info)
        for one in constructs(document)
        if one.kind in _LINKS
    ]
    return found + _same_links(document, theirs_inside, ours_inside)


def _linkish(kind: str) -> str:
    return "code" if kind == "code span" else "link"


def _said(tokens: list[Token], number: int) -> str:
    token = tokens[number]
    if token.type == "heading_open":
        return token.tag[1]
    return token.info if token.type == "fence" else ""


def _ours_said(one: Construct) -> str:
    if one.kind == "heading":
        return str(one.level)
    return one.info if one.kind == "fence" else ""


def _missing(
    document: Document, theirs: list[tuple[int, str, str]], ours: list[tuple[int, str, str]]
) -> list[str]:
    name = document.path
    counted, known = Counter(theirs), Counter(ours)
    said = [
        f"{name}:{line}: markdown-it has a {kind} {what}"
        for line, kind, what in (counted - known).elements()
    ]
    return said + [
        f"{name}:{line}: only we have a {kind} {what}"
        for line, kind, what in (known - counted).elements()
    ]


def _links(token: Token, first: int) -> Iterator[tuple[int, int, str, str]]:
    if token.type != "inline" or token.map is None:
        return
    lines = (first + token.map[0] + 1, first + token.map[1])
    for child in token.children or ():
        if child.type == "link_open":
            yield (*lines, "link", str(child.attrGet("href") or ""))
        elif child.type == "image":
            yield (*lines, "image", str(child.attrGet("src") or ""))
        elif child.type == "code_inline":
            yield (*lines, "code", child.content)


def _same_links(
    document: Document, theirs: list[tuple[int, int, str, str]], ours: list[tuple[int, str, str]]
) -> list[str]:
    for (start, end, kind, target), (line, our_kind, our_target) in zip(theirs, ours, strict=False):
        if (kind, target) != (our_kind, our_target) or not start <= line <= end:
            return [
                f"{document.path}:{start}: markdown-it has {kind} {target!r},"
                f" we have {our_kind} {our_target!r} on line {line}"
            ]
    if len(theirs) != len(ours):
        return [f"{document.path}: markdown-it has {len(theirs)} links, we have {len(ours)}"]
    return []


def misplaced(document: Document) -> list[str]:
    """Spans that leave the text, cross each other, or cut a line ending; sections with gaps."""
    text, name = document.text, document.path
    found: list[str] = []
    data = texts.encode(text)
    open_: list[Construct] = []
    for one in constructs(document):
        start, end = one.span
        where = f"{name}:{one.line}: this {one.kind}"
        if not 0 <= start <= end <= len(text):
            found.append(f"{where} lies outside of the text")
        while open_ and open_[-1].span.end <= start:
            open_.pop()
        if open_ and end > open_[-1].span.end:
            found.append(f"{where} crosses a {open_[-1].kind}")
        open_.append(one)
        if data[slice(*one.byte_span(document))] != texts.encode(text[start:end]):
            found.append(f"{where} has another span in bytes")
        said = text[start:end].replace("\0", "\ufffd").lstrip(" \t")
        if not said.startswith(one.own.replace("\0", "\ufffd").lstrip(" \t")[:1]):
            found.append(f"{where} does not begin where its text does")
    return found + _partition(document)


def _partition(document: Document) -> list[str]:
    """The regions below the headings cover all lines from the first heading on, once each."""
    at = document.sections[0].line if document.sections else 0
    found: list[str] = []
    following = {one.line: other.line for one, other in pairwise(document.sections)}
    for section in document.sections:
        after = following.get(section.line, 0)
        end = after - 1 if section.line < after <= section.end_line else section.end_line
        if section.line != at:
            found.append(f"{document.path}:{section.line}: the section does not follow line {at}")
        at = end + 1
    if document.sections and at != len(document.lines) + 1:
        found.append(f"{document.path}:{at}: lines after the last section")
    return found


def misread(document: Document) -> list[str]:
    """The constructs whose own text, parsed alone, is something else."""
    known: dict[str, object] = {}
    reference().parse(body(document)[0], known)
    env = {"references": known.get("references", {})}
    return [
        f"{document.path}:{one.line}: this {one.kind}, alone, is {alone or 'nothing'}"
        for one in constructs(document)
        if (alone := _alone(document, one, env)) is not None
    ]


def _alone(document: Document, one: Construct, env: dict[str, object]) -> str | None:
    """None where all is well, else what the construct is when it is parsed alone."""
    if one.kind in TOKENS and one.kind != "row":
        lazy = one.kind == "paragraph" and "\n" in one.own and _is_held(document, one)
        return None if lazy else _same_block(one, reference().parse(one.own, {}))
    if one.kind == "definition":
        alone: dict[str, dict[str, dict[str, str]]] = {}
        reference().parse(one.own, alone)
        hrefs = [found["href"] for found in alone.get("references", {}).values()]
        return None if hrefs == [one.info] else f"{hrefs}"
    if one.kind in _LINKS and "\n" not in one.own and "\r" not in one.own and "\\|" not in one.own:
        inside = reference().parseInline(one.own, dict(env))[0].children or []
        kinds = {"image": "image", "code span": "code_inline"}
        first = inside[0] if inside else None
        wanted = kinds.get(one.kind, "link_open")
        if first is None or first.type != wanted:
            return first.type if first else ""
        said = first.attrGet("href") or first.attrGet("src") or ""
        target = first.content if one.kind == "code span" else str(said)
        return None if target == one.info else target
    return None


def _is_held(document: Document, one: Construct) -> bool:
    """Whether a construct stands in a quotation or a list item."""
    return any(
        other.kind in ("item", "quote") and other.line <= one.line <= other.end_line
        for other in constructs(document)
    )


def _same_block(one: Construct, tokens: list[Token]) -> str | None:
    types = [token.type for token in tokens if token.level == (one.kind == "item")]
    if not types or types[0] not in TOKENS[one.kind]:
        return types[0] if types else ""
    if one.kind == "heading" and tokens[0].tag != f"h{one.level}":
        return tokens[0].tag
    if one.kind == "fence" and tokens[0].info != one.info:
        return tokens[0].info
    others = [t for t in types[1:] if not t.endswith("_close") and t != "inline"]
    return f"{types[0]} and {others[0]}" if others else None
