"""Link reference definitions: `[label]: target` stands in every file whose text uses it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from agent_memory.core import text as texts
from agent_memory.core.document import Document
from agent_memory.core.inline import Inline


@dataclass(frozen=True, slots=True)
class Part:
    """A file's text, of which the lines from `start` (from 0) on are taken from another one."""

    text: str
    start: int = 0


def settled(source: Document, parts: Mapping[str, Part]) -> dict[str, str]:
    """The texts of the parts of `source`, each with the definitions that it uses.

    A definition is copied to the end of each part that uses it and lacks it. It leaves a part
    that does not use it for the others that do; what nobody uses stays where it is.
    """
    definitions: dict[str, str] = {}
    for inline in source.inlines.found if "]:" in source.text else ():
        if inline.kind == "definition":
            definitions.setdefault(inline.label, _on_a_line(source, inline))
    if not definitions:
        return {path: part.text for path, part in parts.items()}
    used = {path: _used(part, definitions) for path, part in parts.items()}
    anywhere = set().union(*used.values())
    return {
        path: _with_its_own(part, definitions, used[path], anywhere - used[path])
        for path, part in parts.items()
    }


def _on_a_line(source: Document, inline: Inline) -> str:
    """A definition without the marks of the list or quotation around it, on one line."""
    first, *rest = texts.lines(source.text[inline.span.start : inline.span.end])
    return " ".join(texts.bare(line) for line in [first, *(line.lstrip(" \t>") for line in rest)])


def _used(part: Part, definitions: Mapping[str, str]) -> set[str]:
    """The labels that a part's lines from its start on would find, were all of them defined."""
    document = Document("", _with(part.text, definitions.values()))
    return {
        inline.label
        for inline in document.inlines.found
        if inline.kind in ("reference", "image") and inline.line > part.start
    } & definitions.keys()


def _with_its_own(
    part: Part, definitions: Mapping[str, str], used: set[str], left: set[str]
) -> str:
    document = Document("", part.text)
    gone: set[int] = set()
    has: set[str] = set()
    raw = [block for block in document.blocks if block.kind == "raw"]
    top = {number for block in raw for number in range(block.start, block.end)}
    for inline in document.inlines.found if "]:" in part.text else ():
        if inline.kind != "definition":
            continue
        has.add(inline.label)
        same = _on_a_line(document, inline) == definitions.get(inline.label)
        if inline.label in left and same and inline.line > part.start and inline.line - 1 in top:
            count = texts.count_lines(document.text[inline.span.start : inline.span.end])
            gone |= set(range(inline.line - 1, inline.line - 1 + count))
    kept = "".join(line for number, line in enumerate(document.lines) if number not in gone)
    return _with(kept, [said for label, said in definitions.items() if label in used - has])


def _with(text: str, definitions: Collection[str]) -> str:
    """The text with definitions at its end, one a line."""
    if not definitions:
        return text
    ending = texts.ending(text)
    lines = [said + ending for said in definitions]
    blocks = Document("", text).blocks
    if text and not text.endswith(("\n", "\r")):
        text += ending
    if blocks and blocks[-1].kind != "raw" and texts.bare(texts.lines(text)[-1]).strip():
        text += ending
    return text + "".join(lines)
