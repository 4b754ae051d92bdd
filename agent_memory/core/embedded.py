"""The old memory block that somebody pasted into an agent definition's body.

About one definition in five holds one: a heading about a persistent memory, a sentence with a
foreign directory, advice, and a `MEMORY.md` sub-section, mostly "currently empty". It reaches
from its heading to the end of that sub-section. The author's own text is worth more than a
clean cut, so a section counts only with evidence (a sentence that gives the agent a memory
directory, or the words "MEMORY.md is currently empty"), code and comments are never looked
into, and where it cannot be told whose a section is, the author keeps it: one that the author
put between the parts of a block stays, and the block is reported as the blocks around it.

Our own rendered block counts as one, too; it stands between two marker lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent_memory.core.evidence import (
    declares_empty,
    has_evidence,
    is_about_memory,
    is_index_title,
    is_part,
    is_telling,
    named_path,
    opens_block,
    owning_path,
    reads_like_block,
    says_empty,
    speaks_of_memory,
    title_names_memory,
)
from agent_memory.core.outline import (
    BOLD_LEVEL,
    END,
    Row,
    is_list,
    next_visible,
    opens_paragraph,
    outline,
    paragraph,
)
from agent_memory.core.text import Span, Splice, bare, ending, splice


@dataclass(frozen=True, slots=True)
class EmbeddedBlock:
    """An old block in a body.

    `span` is in characters and leaves out the last line's ending; `line` and `end_line` count
    from 1 and belong to the block; `heading` is its title, "" where it has none; `directory` is
    the foreign directory it names, or ""; `says_empty`: it says that the memory is empty.
    """

    span: Span
    line: int
    end_line: int
    heading: str
    directory: str
    says_empty: bool


def find(body: str) -> tuple[EmbeddedBlock, ...]:
    """The old memory blocks of `body`, in order."""
    if "memory" not in body.lower():
        return ()
    rows = outline(body)
    found: list[EmbeddedBlock] = []
    at = 0
    while at < len(rows):
        stretches = _stretches(rows, at)
        found += [_block(rows, start, _trimmed(rows, start, end)) for start, end in stretches]
        at = stretches[-1][1] if stretches else at + 1
    return tuple(found)


def replace(body: str, block: str) -> tuple[str, tuple[EmbeddedBlock, ...]]:
    """`body` with its first old block replaced by `block` and further ones removed, and those.

    Without an old block, `block` is appended after a blank line. It takes over the line ending
    that `body` uses most. Everything outside of the old blocks stays as it is.
    """
    newline = ending(body)
    if newline != "\n":
        block = block.replace("\r\n", "\n").replace("\n", newline)
    found = find(body)
    if not found:
        return body + _gap(body, newline) + block, ()
    first = found[0].span
    if body.startswith(("\n", "\r"), first.end):
        block = bare(block)
    splices = [Splice(first, block), *(Splice(old.span, "") for old in found[1:])]
    return splice(body, splices), found


def _gap(body: str, newline: str) -> str:
    if not body.strip():
        return ""
    if not body.endswith(("\n", "\r")):
        return newline * 2
    blank = body.endswith(("\n\n", "\r\r", "\n\r\n"))
    return "" if blank else newline


# --- extent: where does it begin and end? ---


_Stretch = tuple[int, int]  # the first row, and the one after the last


def _stretches(rows: list[Row], at: int) -> list[_Stretch]:
    """The stretches of the block that starts at row `at`; none where no block does."""
    row = rows[at]
    if row.kind == "ours":
        return [(at, next(i for i in range(at, len(rows)) if rows[i].text.startswith(END)) + 1)]
    if row.kind == "heading" and (is_about_memory(row.title) or is_index_title(row.title)):
        is_index = is_index_title(row.title)
        section = [(at, _index_end(rows, at))] if is_index else _section(rows, at)
        telling = is_telling(row.title)
        known = any(has_evidence(rows[start:end], telling) for start, end in section)
        return section if known else []
    if row.kind == "text" and opens_paragraph(rows, at) and opens_block(paragraph(rows, at)):
        return _section(rows, at)
    return []


def _section(rows: list[Row], at: int) -> list[_Stretch]:
    """The stretches of the block whose heading, or first sentence, is at `at`."""
    opening = rows[at]
    if opening.kind == "text" and declares_empty(paragraph(rows, at)):
        return [(at, _empty_end(rows, at))]
    loose = opening.kind == "text" or opening.level == BOLD_LEVEL
    level = BOLD_LEVEL if loose else opening.level
    return _up_to_index(rows, at, level) or [(at, _section_end(rows, at, level))]


def _section_end(rows: list[Row], at: int, level: int) -> int:
    """The row after a block that has no index below it."""
    for i in range(at + 1, len(rows)):
        row = rows[i]
        if row.kind == "ours" or (row.kind == "rule" and not _part_follows(rows, i, level)):
            return i
        if row.kind == "heading" and _ends_section(row, level):
            return i
        if level == BOLD_LEVEL and _is_authors(rows, i):
            return i
        if _is_empty_note(rows, i):
            return _empty_end(rows, i)
    return len(rows)


def _ends_section(row: Row, level: int) -> bool:
    """Whether a heading ends a block that has no index below it."""
    if is_part(row, level):
        return False
    return row.level < BOLD_LEVEL or (level == BOLD_LEVEL and not _goes_with_bold(row))


def _goes_with_bold(row: Row) -> bool:
    """Whether a bold line below another is advice about a memory; a title opens a new block."""
    return reads_like_block(row.text) and not is_about_memory(row.title)


def _up_to_index(rows: list[Row], at: int, level: int) -> list[_Stretch]:
    """The stretches of a block up to the end of its index; none where it has no index.

    Between its opening and its index a deeper section that such blocks are not known to have
    is the author's, with all that is below it. One that is not deeper ends the block.
    """
    stretches: list[_Stretch] = []
    start, authors = at, 0  # the level of the author's heading; 0 outside of such a section
    for i in range(at + 1, len(rows)):
        row = rows[i]
        if row.kind == "ours" or (row.kind == "rule" and not _part_follows(rows, i, level)):
            return []
        if not authors and (
            _is_empty_note(rows, i) or (level == BOLD_LEVEL and _is_authors(rows, i))
        ):
            return []
        if row.kind != "heading" or (authors and row.level > authors):
            continue
        if authors:
            start = i
        if is_index_title(row.title):
            return [*stretches, (start, _index_end(rows, i))]
        if _is_blocks(row, level):
            authors = 0
        elif row.level <= level:
            return []
        else:
            stretches += [] if authors else [(start, i)]
            authors = row.level
    return []


def _is_blocks(row: Row, level: int) -> bool:
    """Whether a heading between a block's opening and its index belongs to the block."""
    if row.level == BOLD_LEVEL == level:
        return is_part(row, level) or _goes_with_bold(row)
    return is_part(row, level) or (row.level > level and speaks_of_memory(row.title))


def _index_end(rows: list[Row], at: int) -> int:
    """The row after the MEMORY.md sub-section that starts at `at`, or of two in a row."""
    end = _one_index_end(rows, at)
    if end < len(rows) and rows[end].kind == "heading" and is_index_title(rows[end].title):
        return _one_index_end(rows, end)  # once: a template's, then the real one
    return end


def _one_index_end(rows: list[Row], at: int) -> int:
    first = next_visible(rows, at + 1)
    if first is None:
        return len(rows)
    if _is_empty_note(rows, first, short=True):
        return _empty_end(rows, first)
    if rows[first].kind == "heading" and rows[first].level <= rows[at].level:
        return _pasted_end(rows, first) if _is_pasted(rows, first) else at + 1
    for i in range(first, len(rows)):
        row = rows[i]
        if row.kind in ("ours", "rule") or (row.kind == "text" and row.text.startswith("</")):
            return i
        if _is_empty_note(rows, i, short=i == first):
            return _empty_end(rows, i)
        if row.kind == "heading" and row.level <= rows[at].level:
            return i
    return len(rows)


def _is_empty_note(rows: list[Row], i: int, *, short: bool = False) -> bool:
    """Whether the paragraph at row `i` says that MEMORY.md is empty; `short`: even in two words."""
    row = rows[i]
    if row.kind == "heading":
        text = row.title
    elif row.kind == "text" and (opens_paragraph(rows, i) or is_list(row.text)):
        text = paragraph(rows, i)
    else:
        return False
    return says_empty(text) if short else declares_empty(text)


def _empty_end(rows: list[Row], at: int) -> int:
    """The row after the paragraph at `at`, which says that the index is empty.

    Rows that link to files beside the index are one that was pasted below. The rest is the
    author's.
    """
    end = at + 1
    while end < len(rows) and _goes_on(rows[at], rows[end]):
        end += 1
    following = next_visible(rows, end)
    while following is not None and _is_link_row(rows[following]):
        end = following + 1
        following = next_visible(rows, end)
    return end


def _goes_on(opening: Row, row: Row) -> bool:
    """Whether `row`, below `opening` and no blank line, is text of the same paragraph."""
    if opening.kind == "heading" or row.kind != "text" or is_list(row.text):
        return False
    mark = row.text.lstrip()[:1]
    return mark not in (">", "<", "|") or opening.text.lstrip().startswith(mark)


def _is_pasted(rows: list[Row], i: int) -> bool:
    """Whether a heading at once after `MEMORY.md` opens the index that was pasted there.

    It does where it speaks of memory or heads rows that link to files beside the index.
    """
    return title_names_memory(rows[i].title) or _heads_links(rows, i)


def _pasted_end(rows: list[Row], first: int) -> int:
    """The row after a pasted index that opens with the heading `first`."""
    for i in range(first + 1, len(rows)):
        row = rows[i]
        if row.kind in ("ours", "rule"):
            return i
        if row.kind == "heading" and row.level <= rows[first].level and not _heads_links(rows, i):
            return i
    return len(rows)


_LINK_ROW = re.compile(r"[ \t]*[-*+][ \t]+\[[^\]]*\]\((?:\./)?[^)/\\]+\.md\)", re.I)


def _heads_links(rows: list[Row], i: int) -> bool:
    following = next_visible(rows, i + 1)
    return following is not None and _is_link_row(rows[following])


def _is_link_row(row: Row) -> bool:
    return row.kind == "text" and _LINK_ROW.match(row.text) is not None


def _is_authors(rows: list[Row], i: int) -> bool:
    """Whether something opens at row `i` that has nothing to do with a memory.

    It is asked of blocks without a heading, whose end no later heading shows. A list or code
    belongs to the line that introduces it.
    """
    row = rows[i]
    if row.kind == "text" and opens_paragraph(rows, i):
        if reads_like_block(row.text):
            return False
        return not (is_list(row.text) and _is_introduced(rows, i))
    return row.kind == "hidden" and rows[i - 1].kind != "hidden" and not _is_introduced(rows, i)


def _is_introduced(rows: list[Row], i: int) -> bool:
    above = i - 1
    while rows[above].kind == "blank":
        above -= 1
    before = rows[above]
    introduces = before.text.rstrip().endswith((":", ":**"))
    return introduces or before.kind in ("heading", "underline") or is_list(before.text)


def _part_follows(rows: list[Row], at: int, level: int) -> bool:
    following = next_visible(rows, at + 1)
    return (
        following is not None
        and rows[following].kind == "heading"
        and is_part(rows[following], level)
    )


def _trimmed(rows: list[Row], at: int, end: int) -> int:
    """`end` without the blank lines and rules that only part the block from what follows."""
    while end > at + 1 and rows[end - 1].kind in ("blank", "rule"):
        end -= 1
    return end


def _block(rows: list[Row], at: int, end: int) -> EmbeddedBlock:
    visible = [row.text for row in rows[at:end] if row.kind != "hidden"]
    owning = (owning_path(text) for text in visible)
    named = (named_path(text) for text in visible)
    directory = next(filter(None, owning), "") or next(filter(None, named), "")
    last = rows[end - 1]
    return EmbeddedBlock(
        span=Span(rows[at].start, last.start + len(last.text)),
        line=at + 1,
        end_line=end,
        heading=rows[at].title,
        directory=directory,
        says_empty=any(says_empty(text) for text in visible),
    )
