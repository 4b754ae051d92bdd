"""Anchors: which place of a file the `#part` behind a link names, and whether it is there."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote

from agent_memory.core import anchors
from agent_memory.core.document import Document

_OWN_WIKILINK = re.compile(r"(?<!\\)\[\[(#[^\[\]|\n]+)(?:\|[^\[\]\n]*)?\]\]")
# Lines of a file, blocks of a note, text fragments and the top are places that no heading names.
_NO_HEADING = re.compile(r"L\d+(?:C\d+)?(?:-L?\d+(?:C\d+)?)?|\^.*|:~:.*|top|", re.IGNORECASE)
_NAMED = re.compile(r"""\b(?:id|name)\s*=\s*["']?([^\s"'>]+)|\{\s*#([\w.:-]+)""")
_NESTED = re.compile(r"^[ \t>*+-]*(?:\d+[.)][ \t]+)?#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_LINK = re.compile(r"\[\[?(?:[^\[\]|]*\|)?([^\[\]]*)\](?:\]|\([^()]*\)|\[[^\[\]]*\])")
_RENDERED = "user-content-"  # what GitHub puts before the ids of a page
_CLOSE = 0.6


def own(document: Document) -> Iterator[tuple[int, str]]:
    """The anchors of links within the file itself, `[x](#part)` and `[[#Part]]`: line, anchor."""
    for inline in document.inlines.found:
        if inline.kind in ("link", "definition") and inline.target.startswith("#"):
            yield inline.line, unquote(inline.target[1:])
    for run in document.inlines.runs:
        for match in _OWN_WIKILINK.finditer(run.prose):
            yield run.line_at(match.start()), match[1][1:]


def is_there(document: Document, anchor: str) -> bool:
    """Whether an anchor names a heading of the file, or something with that id.

    White space, punctuation and case aside: who reads the file finds it. What names a line or
    a block is not judged.
    """
    name = _name(anchor)
    if _NO_HEADING.fullmatch(name):
        return True
    known = _places(document)
    return name in known or _key(name) in {_key(place) for place in known}


def nearest(document: Document, anchor: str) -> str:
    """The title of the heading that an anchor most likely means, "" where none is like it."""
    titles = {anchors.anchor(title): title for title in reversed(_titles(document))}
    close = difflib.get_close_matches(anchors.anchor(_name(anchor)), titles, 1, _CLOSE)
    return titles[close[0]] if close else ""


def _name(anchor: str) -> str:
    """What an anchor names: of `Part#Inner part`, the inner one."""
    return anchor.rpartition("#")[2].strip().removeprefix(_RENDERED)


@lru_cache(maxsize=128)
def _places(document: Document) -> frozenset[str]:
    """Every anchor that the file has, equal headings numbered as GitHub does."""
    found: set[str] = set()
    seen: Counter[str] = Counter()
    for title in _titles(document):
        said = anchors.anchor(title)
        found |= {title, said, f"{said}-{seen[said]}" if seen[said] else said}
        seen[said] += 1
    named = (first or second for first, second in _NAMED.findall(document.text))
    return frozenset(found.union(named))


def _titles(document: Document) -> list[str]:
    """The headings' texts as they are shown, those within quotations and lists too."""
    found = [(heading.start, heading.title) for heading in document.headings]
    for block in document.blocks:
        if block.kind in ("quote", "item"):
            inside = "".join(document.lines[block.start : block.end])
            found += [(block.start, title) for title in _NESTED.findall(inside)]
    return [_LINK.sub(r"\1", title) for _, title in sorted(found)]


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
