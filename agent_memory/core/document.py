"""A Markdown file as sections and entries, each with its place in the file.

markdown-it-py says where the blocks are; this module names them and never renders. Whoever
edits a document splices lines of its text, so no byte outside the edit can change.

An **entry** is the smallest thing that can be remembered or forgotten: one list item with
everything nested in it, a paragraph, a row of a table, a code fence, a quotation or a block of
HTML. A **section** is a heading and all that follows until the next heading of its level or a
higher one.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from agent_memory.core import blocks, frontmatter
from agent_memory.core import text as texts
from agent_memory.core.blocks import Block, unmarked
from agent_memory.core.revision import Revision, revision

if TYPE_CHECKING:
    from agent_memory.core.inline import Inlines

_ENTRY_KINDS = frozenset({"item", "paragraph", "row", "fence", "quote", "html"})

_PIN = re.compile(r"<!--\s*pin\s*-->", re.IGNORECASE)
_BULLET = re.compile(r"([ \t]*)([-*+]|\d{1,9}[.)])([ \t]+|$)")
_STEM = re.compile(r"[\w.]+(?:-[\w.]+)*")
_CHECKBOX = re.compile(r"\[[ xX]\](?:[ \t]+|$)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing a memory knows.

    `text` has no bullet, checkbox, indent or marker comment; `line` and `end_line` count from 1
    and are both part of the entry; `section` is the nearest heading above, "" where there is
    none. Entries with equal normalised text share one `id`.
    """

    id: str
    text: str
    path: str
    line: int
    section: str
    pinned: bool
    kind: str = "item"
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it; `line` is the heading's, `end_line` the last one's."""

    title: str
    level: int
    path: str
    line: int
    end_line: int
    pinned: bool


class Document:
    """One Markdown file: its text and, parsed when first asked for, what stands where in it."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @cached_property
    def lines(self) -> list[str]:
        """The lines with their endings."""
        return texts.lines(self.text)

    @cached_property
    def revision(self) -> Revision:
        """The content hash of the file's bytes."""
        return revision(texts.encode(self.text))

    @cached_property
    def front_matter(self) -> frontmatter.FrontMatter | None:
        """The YAML block at the top, if there is one."""
        return frontmatter.split(self.text)

    @cached_property
    def properties(self) -> dict[str, object]:
        """The front matter's keys and values, as far as they can be read."""
        return frontmatter.values(self.front_matter.raw).data if self.front_matter else {}

    @property
    def title(self) -> str:
        """The front matter's `title` or `name`, else the first heading, else ""."""
        for key in ("title", "name"):
            value = self.properties.get(key)
            said = value.strip() if isinstance(value, str) else ""
            # A name that is only the file's stem says less than a heading does.
            if said and (key == "title" or not _STEM.fullmatch(said)):
                return said
        heading = next((block.title for block in self.blocks if block.kind == "heading"), "")
        return heading or str(self.properties.get("name") or "").strip()

    @property
    def description(self) -> str:
        """The front matter's `description`, "" where there is none."""
        value = self.properties.get("description")
        return " ".join(value.split()) if isinstance(value, str) else ""

    @property
    def type(self) -> str:
        """The front matter's `type`, else the one nested in `metadata`, "" where there is none."""
        metadata = self.properties.get("metadata")
        nested = metadata.get("type") if isinstance(metadata, dict) else None
        found = (self.properties.get("type"), nested)
        return next((value.strip() for value in found if isinstance(value, str)), "")

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Every construct in order; link definitions and other rests are `raw`."""
        return blocks.of(self.front_matter, self.lines)

    @cached_property
    def headings(self) -> tuple[Block, ...]:
        """The heading blocks in order."""
        return tuple(block for block in self.blocks if block.kind == "heading")

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Every section in the order of its heading; a section holds its sub-sections."""
        return tuple(
            Section(
                block.title,
                block.level,
                self.path,
                block.start + 1,
                end,
                self._pinned_heading(block),
            )
            for block, end in zip(self.headings, self._section_ends, strict=True)
        )

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry in order; a bullet with nothing after it says nothing and is none."""
        found = (self.entry(block) for block in self.blocks if block.kind in _ENTRY_KINDS)
        return tuple(entry for entry in found if normalised(entry.text))

    @cached_property
    def inlines(self) -> Inlines:
        """Links, code spans and the like with their exact places."""
        from agent_memory.core.inline import inlines

        return inlines(self)

    def blocks_between(self, start: int, end: int) -> tuple[Block, ...]:
        """The blocks that begin in the lines `start` to `end` (from 0, half open)."""
        return self.blocks[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def entry(self, block: Block) -> Entry:
        """The entry that `block` is."""
        lines = self.lines[block.start : block.end]
        if not block.start:
            lines[0] = lines[0].removeprefix(texts.BOM)
        text, identity = _said(tuple(lines), block.kind)
        above = self._headings_above(block.start)
        return Entry(
            id=identity,
            text=text,
            path=self.path,
            line=block.start + 1,
            section=above[0].title if above else "",
            pinned=self.has_pin(block) or any(self._pinned_heading(head) for head in above),
            kind=block.kind,
            end_line=block.end,
        )

    def entry_at(self, line: int) -> Entry | None:
        """The entry that a line (from 1) is part of, None where it is part of none."""
        block = self.block_at(line)
        if block is None or block.kind not in _ENTRY_KINDS:
            return None
        entry = self.entry(block)
        return entry if normalised(entry.text) else None

    def block_at(self, line: int) -> Block | None:
        """The smallest block that a line (from 1) is part of, None where it is part of none."""
        number = bisect_right(self._starts, line - 1) - 1
        block = self.blocks[number] if number >= 0 else None
        return block if block and block.end >= line else None

    def has_pin(self, block: Block) -> bool:
        """Whether the block's own lines carry a pin."""
        return any(
            "<!--" in line and _PIN.search(line) for line in self.lines[block.start : block.end]
        )

    def titles_above(self, line: int) -> list[str]:
        """The titles of the sections that hold `line` (from 0), the nearest first."""
        return [block.title for block in self._headings_above(line)]

    def _pinned_heading(self, block: Block) -> bool:
        """A pin on the heading, or alone on the first line below it, pins the section."""
        if self.has_pin(block):
            return True
        below = bisect_right(self._starts, block.start)
        following = self.blocks[below] if below < len(self.blocks) else None
        return bool(
            following and following.kind == "comment" and following.start <= block.end + 1
        ) and self.has_pin(self.blocks[below])

    def _headings_above(self, line: int) -> list[Block]:
        """The headings whose sections hold `line` (from 0), the nearest first."""
        chain: list[Block] = []
        number = bisect_right(self._heading_starts, line) - 1
        while number >= 0:
            chain.append(self.headings[number])
            number = self._parents[number]
        return chain

    @cached_property
    def _parents(self) -> list[int]:
        """Of each heading, the number of the one whose section holds its own; -1: none does."""
        parents: list[int] = []
        open_: list[int] = []
        for number, block in enumerate(self.headings):
            while open_ and self.headings[open_[-1]].level >= block.level:
                open_.pop()
            parents.append(open_[-1] if open_ else -1)
            open_.append(number)
        return parents

    @cached_property
    def _section_ends(self) -> list[int]:
        """Of each heading, the line (from 0, exclusive) where its section ends."""
        ends = [len(self.lines)] * len(self.headings)
        open_: list[int] = []
        for number, block in enumerate(self.headings):
            while open_ and self.headings[open_[-1]].level >= block.level:
                ends[open_.pop()] = block.start
            open_.append(number)
        return ends

    @cached_property
    def _starts(self) -> list[int]:
        return [block.start for block in self.blocks]

    @cached_property
    def _heading_starts(self) -> list[int]:
        return [block.start for block in self.headings]


@lru_cache(maxsize=8192)
def _said(lines: tuple[str, ...], kind: str) -> tuple[str, str]:
    """The text and the id of an entry; most entries stay as they are from commit to commit."""
    text = entry_text(lines, kind)
    return text, entry_id(text)


def normalised(text: str) -> str:
    """The text under which two entries count as equal: NFC, white space folded."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def entry_id(text: str) -> str:
    """Ten hexadecimal digits that stand for the normalised text."""
    return revision(texts.encode(normalised(text)))[:10]


def entry_text(lines: Sequence[str], kind: str) -> str:
    """What the lines of an entry say, without the Markdown that makes them an entry."""
    bare = [texts.bare(line) for line in lines]
    if kind == "item":
        bare = _unbulleted(bare)
    elif kind == "row":
        bare = [" | ".join(cell.strip() for cell in cells(bare[0]))]
    elif kind == "paragraph":
        bare = [line.strip() for line in bare]
    text = "\n".join(unmarked(line).rstrip() for line in bare)
    return text.strip("\n") if kind == "fence" else text.strip()


def bullet(line: str) -> str:
    """The bullet and the space around it that a list item's first line begins with, or ""."""
    match = _BULLET.match(line)
    return match[0] if match else ""


def _unbulleted(lines: list[str]) -> list[str]:
    head = bullet(lines[0])
    content = lines[0][len(head) :]
    # Five or more spaces after a bullet are one space and an indented code block
    # (CommonMark 0.31.2, 5.2 rule 2), so the item's own indent is the bullet and one space.
    marker = head.rstrip(" \t")
    indent = len(head.expandtabs(4)) if len(head) - len(marker) < 5 and content else len(marker) + 1
    if box := _CHECKBOX.match(content):
        content = content[box.end() :]
    return [content.strip(), *(_dedented(line, indent) for line in lines[1:])]


def _dedented(line: str, width: int) -> str:
    """The line without its first `width` columns of white space."""
    column = 0
    for position, character in enumerate(line):
        if column >= width or character not in " \t":
            return " " * max(0, column - width) + line[position:]
        column += 4 - column % 4 if character == "\t" else 1
    return ""


def cells(line: str) -> list[str]:
    """What stands between the bars of a table's line."""
    row = line.strip()
    row = row.removeprefix("|")
    if row.endswith("|") and not row.endswith("\\|"):
        row = row[:-1]
    return re.split(r"(?<!\\)\|", row)
