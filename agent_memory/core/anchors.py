"""Anchors: which heading the `#…` of a link means, and where in the text it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from agent_memory.core import links
from agent_memory.core.document import Document
from agent_memory.core.links import Link, LinkKind, Names
from agent_memory.core.place import title_key
from agent_memory.core.text import Span

T = TypeVar("T")
_OWN_WIKILINK = re.compile(r"(?<!\\)\[\[#([^\[\]|#\n]+)(?:\|[^\[\]\n]*)?\]\]")
_LIKELY = re.compile(r"\]\([^)]*#|\]:[^#]*#|\[\[[^\]\n]*#")


@dataclass(frozen=True, slots=True)
class Anchored:
    """A link to a heading: `said` is its anchor, `goal` the file, `name` and `anchor` their spans.

    A link within its own file says no name: there `name` is empty, and `link` is None.
    """

    kind: LinkKind
    goal: str
    said: str
    line: int
    name: Span
    anchor: Span
    link: Link | None = None


def anchor(title: str) -> str:
    """The anchor that renderers make of a heading: lower case, words joined by `-`.

    As GitHub does it: letters, digits, `-` and `_` stay, spaces become `-`, the rest goes.
    """
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def anchors(document: Document) -> list[str]:
    """The anchors of a file's headings, in order; what repeats is numbered from its second on."""
    seen: Counter[str] = Counter()
    found: list[str] = []
    for heading in document.headings:
        plain = anchor(heading.title)
        found.append(f"{plain}-{seen[plain]}" if seen[plain] else plain)
        seen[plain] += 1
    return found


@lru_cache(maxsize=512)
def by_name(document: Document) -> Mapping[str, int]:
    """The number of each heading by all that links say for it: its anchor, or its words."""
    found: dict[str, int] = {}
    for names in (anchors(document), [title_key(head.title) for head in document.headings]):
        for number, name in enumerate(names):
            found.setdefault(name, number)
    return found


def look_up(named: Mapping[str, T], said: str) -> T | None:
    """What `named` holds for the heading that an anchor says, None where it says no heading."""
    return named.get(said, named.get(title_key(said)))


def likely(text: str) -> bool:
    """Whether a text may hold links with anchors, found out cheaply."""
    return _LIKELY.search(text) is not None


def anchored(document: Document, known: Names) -> Iterator[Anchored]:
    """Every link of a file that leads to a heading, its own ones too."""
    for mention, resolved in links.resolutions(document, known):
        goal = resolved if mention.target else document.path
        if not mention.anchor or goal is None:
            continue
        start, end = mention.target_span
        if mention.kind in ("wikilink", "code"):
            mark = document.text.find("#", start, mention.span.end)
            name, end = Span(start, mark), mark + 1 + len(mention.anchor)
        else:
            mark = document.text.find("#", start, end)
            name = Span(start, mark)
        link = Link(
            document.path, mention.line, mention.target, mention.kind, "ok", goal,
            mention.anchor, mention.span, mention.target_span,
        )  # fmt: skip
        if mark >= 0:
            yield Anchored(
                mention.kind, goal, mention.anchor, mention.line, name, Span(mark + 1, end),
                link if mention.target else None,
            )  # fmt: skip
    yield from _own_wikilinks(document)


def _own_wikilinks(document: Document) -> Iterator[Anchored]:
    for run in document.inlines.runs:
        for match in _OWN_WIKILINK.finditer(run.prose):
            start, end = run.source(match.start(1)), run.source(match.end(1) - 1) + 1
            line, name = run.line_at(match.start()), Span(start - 1, start - 1)
            yield Anchored("wikilink", document.path, match[1], line, name, Span(start, end))
