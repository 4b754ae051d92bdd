"""Where a remembered entry goes, and what forgetting takes out.

Everything here returns new text for one file. New lines follow the file's own bullet, indent,
blank lines and line ending; a result is parsed again, and a place where Markdown would read the
entry as something else (inside an unclosed fence, say) is passed over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent_memory.core import links
from agent_memory.core import text as texts
from agent_memory.core.blocks import Block
from agent_memory.core.document import Document, bullet, entry_id, entry_text
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import parsed
from agent_memory.errors import PolicyError

NOTES = "Notes"
NUMBERED = re.compile(r"(\s*)(\d{1,9})([.)])(\s+)")
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->")  # an unclosed one above hides no marker
_MARKER = re.compile(r"<!--\s*(?:pin\s*-->|expires:|agent-memory:)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Region:
    """A heading with its own lines, up to the next heading of any level; None: before the first."""

    heading: Block | None
    start: int
    end: int
    blocks: tuple[Block, ...]


def regions(document: Document) -> list[Region]:
    """The document cut at every heading, front matter left out."""
    first = document.front_matter.lines if document.front_matter else 0
    bounds: list[tuple[Block | None, int]] = [(None, first)]
    bounds += [(heading, heading.start) for heading in document.headings]
    ends = [start for _, start in bounds[1:]] + [len(document.lines)]
    return [
        Region(heading, start, end, _between(document, start, end))
        for (heading, start), end in zip(bounds, ends, strict=True)
    ]


def _between(document: Document, start: int, end: int) -> tuple[Block, ...]:
    return tuple(
        block
        for block in document.blocks_between(start, end)
        if block.kind not in ("heading", "row")
    )


def is_link_list(document: Document, region: Region) -> bool:
    """Whether a region's list items are all links to files, and there is at least one."""
    items = [document.entry(block).text for block in region.blocks if block.kind == "item"]
    return bool(items) and all(links.is_row(item) for item in items)


def clean(text: str) -> str:
    """What a caller wants remembered as an entry's text: one bullet and outer space taken off."""
    kept = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    joined = "\n".join(kept).strip()
    if "\n" not in joined and (mark := bullet(joined)):
        joined = joined[len(mark) :].strip() or joined
    return joined


def item(text: str, mark: str, ending: str, checkbox: str = "") -> str:
    """`text` as the lines of one list item that begins with `mark`."""
    first, *rest = text.split("\n")
    indent = " " * len(mark.expandtabs(4))
    lines = [mark + checkbox + first, *(indent + line if line else "" for line in rest)]
    return ending.join(lines) + ending


def said(text: str) -> str:
    """The text that an entry remembered as `text` has: marker comments and a checkbox left out."""
    return entry_text(texts.lines(item(text, "- ", "\n")), "item")


def unmarked(document: Document) -> Document:
    """The document without its byte order mark, which stands before every line that we move."""
    return Document(document.path, document.text.removeprefix(texts.BOM))


def add(document: Document, text: str, section: str | None) -> str:
    """The document's text with one more entry, in `section` or where notes belong.

    Raises:
        PolicyError: `text` cannot stand as one entry of a Markdown list.
    """
    if document.text.startswith(texts.BOM):
        return texts.BOM + add(unmarked(document), text, section)
    for candidate in _candidates(document, text, section):
        if adds_only(document, [text], candidate):
            return candidate
    raise PolicyError(
        "this text cannot stand as one entry of a Markdown list",
        "put it in words: a line of dashes, a bare heading or an open comment is no entry",
    )


def adds_only(document: Document, wanted: Sequence[str], candidate: str) -> bool:
    """Whether Markdown reads `candidate` as the document, pins and all, and the entries wanted."""
    old = Counter((entry.id, entry.pinned) for entry in document.entries)
    new = Counter((e.id, e.pinned) for e in _read_as(document, candidate).entries)
    added = Counter(entry for entry, _ in (new - old).elements())
    return not old - new and added == Counter(entry_id(said(text)) for text in wanted)


def _read_as(document: Document, text: str) -> Document:
    """The document with another text; parsed once, as it is looked at again when it is kept."""
    return parsed(document.path, texts.encode(text))


def find_section(document: Document, section: str) -> Region | None:
    """The first region whose heading reads `section`, case and white space aside."""
    wanted = title_key(section)
    for region in regions(document):
        if region.heading and title_key(region.heading.title) == wanted:
            return region
    return None


def title_key(title: str) -> str:
    """The form under which two headings are the same."""
    return " ".join(title.split()).casefold()


def heading_text(section: str) -> str:
    """A heading's text from what a caller gave.

    Raises:
        PolicyError: it is empty or has more than one line.
    """
    title = section.strip().lstrip("#").strip()
    if not title or "\n" in title or "\r" in title:
        raise PolicyError(
            "a section is named by one line of text", "give the heading's text, without the #"
        )
    return title


def home(document: Document) -> Region | None:
    """The region where an entry without a section goes: the last that is not a list of links."""
    found = regions(document)
    if len(found) == 1:
        return found[0] if found[0].blocks and not is_link_list(document, found[0]) else None
    for region in reversed(found[1:]):
        title_only = (
            document.path == INDEX
            and region.heading is not None
            and region.heading.level == 1
            and not region.blocks
        )
        if not title_only and not is_link_list(document, region):
            return region
    return None


def _candidates(document: Document, text: str, section: str | None) -> Iterator[str]:
    """Texts with the entry added, the best place first."""
    if section is not None:
        region, title = find_section(document, section), heading_text(section)
    else:
        region, title = home(document), NOTES
        region = region or find_section(document, NOTES)
    if region is not None:
        yield _at_end(document, region, text)
        yield _at_start(document, region, text)
    yield with_section(document, title, item(text, _bullet(document), texts.ending(document.text)))
    yield _at_top(document, title, text)


def _bullet(document: Document, region: Region | None = None) -> str:
    """The bullet to continue with: the region's last one, else the document's, else `- `."""
    for block in reversed(region.blocks if region else ()):
        if block.kind == "item":
            return next_bullet(document, block, region.blocks if region else ())
    for block in reversed(document.blocks):
        # A list of its own does not go on with the numbers of another one.
        if block.kind == "item" and not NUMBERED.match(document.lines[block.start]):
            return next_bullet(document, block, document.blocks)
    return "- "


def next_bullet(document: Document, block: Block, blocks: Sequence[Block]) -> str:
    """The bullet that continues after `block`; a numbered list counts on."""
    mark = bullet(document.lines[block.start])
    mark = mark if mark.strip() != mark and len(mark) < 8 else mark.rstrip() + " "
    number = NUMBERED.fullmatch(mark)
    if number is None:
        return mark
    same = [bullet(document.lines[other.start]) for other in blocks if other.kind == "item"]
    step = 0 if len(same) > 1 and same[-1].strip() == same[-2].strip() else 1
    return f"{number[1]}{int(number[2]) + step}{number[3]}{number[4]}"


def _at_end(document: Document, region: Region, text: str) -> str:
    ending = texts.ending(document.text)
    lines = document.lines
    last = region.blocks[-1] if region.blocks else region.heading
    position = last.end if last else region.start
    mark = _bullet(document, region)
    follows = bool(last) and last is not None and last.kind == "item"
    if follows and last is not None and bullet(lines[last.start]).strip()[-1:] != mark.strip()[-1:]:
        follows = False
    gap = "" if follows and not _is_loose(region) else ending
    return insert(lines, position, gap + item(text, mark, ending), ending)


def _is_loose(region: Region) -> bool:
    """Whether the region's last two items have a blank line between them."""
    items = [block for block in region.blocks if block.kind == "item"]
    return len(items) > 1 and items[-2].end < items[-1].start and region.blocks[-2] is items[-2]


def _at_start(document: Document, region: Region, text: str) -> str:
    ending = texts.ending(document.text)
    position = region.heading.end if region.heading else region.start
    first = region.blocks[0] if region.blocks else None
    if first and first.kind == "comment" and document.has_pin(first):
        position = first.end  # a pin counts only right below its heading
    piece = ending + item(text, _bullet(document, region), ending)
    if position < len(document.lines) and document.lines[position].strip():
        piece += ending
    return insert(document.lines, position, piece, ending)


def with_section(document: Document, title: str, body: str) -> str:
    """The document's text with a level 2 section of `body` at its end."""
    ending = texts.ending(document.text)
    lines = document.lines
    gap = ending if lines and lines[-1].strip() else ""
    return insert(lines, len(lines), f"{gap}## {title}{ending}{ending}{body}", ending)


def _at_top(document: Document, title: str, text: str) -> str:
    ending = texts.ending(document.text)
    first = document.front_matter.lines if document.front_matter else 0
    if has_title(document):
        first = document.headings[0].end
    piece = f"{ending}## {title}{ending}{ending}{item(text, _bullet(document), ending)}{ending}"
    return insert(document.lines, first, piece, ending)


def insert(lines: Sequence[str], position: int, piece: str, ending: str) -> str:
    """The lines with `piece` before line `position`; a missing last line ending is supplied."""
    head = "".join(lines[:position])
    if head and not head.endswith(("\n", "\r")):
        head += ending
    return head + piece + "".join(lines[position:])


def without(document: Document, blocks: Sequence[Block]) -> str:
    """The document's text without the blocks' own lines."""
    if document.text.startswith(texts.BOM):
        return texts.BOM + without(unmarked(document), blocks)
    ending = texts.ending(document.text)
    left = Counter(entry.id for entry in document.entries)
    left.subtract(document.entry(block).id for block in blocks)
    # What stood around an entry could run together without it: a paragraph and a rule make a
    # heading, an indented block joins a list above. A blank line parts the first pair, an empty
    # comment also the second (CommonMark 0.31.2, 5.3, examples 308 and 309).
    results = [_filled(document, blocks, gap) for gap in ("", ending, f"<!-- -->{ending}")]
    for result in results:
        if Counter(entry.id for entry in _read_as(document, result).entries) == +left:
            return result
    return results[1]


def _filled(document: Document, blocks: Sequence[Block], gap: str) -> str:
    """The document's text with `gap` in place of each of the blocks."""
    starts = {block.start for block in blocks}
    gone = {number for block in blocks for number in range(block.start, block.end)}
    return "".join(
        (gap if number in starts else "") if number in gone else line
        for number, line in enumerate(document.lines)
    )


def replaced(document: Document, block: Block, text: str) -> str:
    """The document's text with another text for the entry at `block`, in the same place.

    Raises:
        PolicyError: `text` would not be one entry there.
    """
    if document.text.startswith(texts.BOM):
        return texts.BOM + replaced(unmarked(document), block, text)
    ending = texts.ending(document.text)
    old = document.lines[block.start : block.end]
    kept = "".join(f" {mark}" for mark in markers("".join(old)))
    first, *rest = text.split("\n")
    marked = "\n".join([first + ("" if markers(text) else kept), *rest])
    if block.kind == "item":
        mark = bullet(old[0])
        box = _checkbox(old[0][len(mark) :])
        piece = item(marked, mark if mark.strip() != mark else mark + " ", ending, box)
    elif block.kind == "row":
        piece = _row_like(old[0], text, ending)
    else:
        piece = marked.replace("\n", ending) + ending
    if not old[-1].endswith(("\n", "\r")):
        piece = piece[: -len(ending)]
    result = "".join([*document.lines[: block.start], piece, *document.lines[block.end :]])
    expected = Counter(entry.id for entry in document.entries)
    expected.subtract([document.entry(block).id])
    expected[entry_id(said(text) if block.kind == "item" else text)] += 1
    if Counter(entry.id for entry in _read_as(document, result).entries) != +expected:
        raise PolicyError(
            f"{document.path}:{block.start + 1}: the new text would not be one {block.kind} there",
            "keep the shape of what it replaces, or forget this entry and remember the new text",
        )
    return result


def markers(text: str) -> list[str]:
    """The marker comments in a text: pins, expiries and ignores."""
    closed = text[: text.rfind("-->") + 3]
    return [comment for comment in _COMMENT.findall(closed) if _MARKER.match(comment)]


def _checkbox(content: str) -> str:
    match = re.match(r"\[[ xX]\][ \t]+", content)
    return match[0] if match else ""


def _row_like(old: str, text: str, ending: str) -> str:
    outer = old.strip().startswith("|")
    cells = " | ".join(cell.strip() for cell in text.split("|"))
    return (f"| {cells} |" if outer else cells) + ending


def has_title(document: Document) -> bool:
    """Whether the document begins with a level 1 heading."""
    return bool(document.headings) and document.headings[0].level == 1
