"""Link rows that stand in a table: which column has the link, and one more row like the others."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent_memory.core import links
from agent_memory.core import text as texts
from agent_memory.core.blocks import Block
from agent_memory.core.document import Document, cells

PLAIN_ROW = re.compile(
    r"(?:\*\*|__)?(?:\[|`[^`]+\.(?:md|markdown)(?:#[^`]*)?`)", re.IGNORECASE
)  # begins with its link, and not with words about it
_BAR = re.compile(r"(?<!\\)\|")
_HALF = 0.5


def link_cell(document: Document, row: Block) -> int | None:
    """The column, from 0, of a table row's link; None where the row is no link row.

    Before the link no cell has more than a word: what a sentence says is no row's hook.
    """
    for column, cell in enumerate(said(document, row)):
        if links.is_row(cell) and PLAIN_ROW.match(cell):
            return column
        if " " in cell:
            return None
    return None


def one_more(document: Document, rows: Sequence[Block], text: str) -> str:
    """A line for the table of these link rows: the link where theirs is, the hook behind it.

    Args:
        document: the file with the table.
        rows: link rows of one table.
        text: the row as a list would have it, `[Title](topic.md) — hook`.
    """
    columns = [column for row in rows if (column := link_cell(document, row)) is not None]
    column = max(columns, key=columns.count)
    filled = [""] * _width(document, rows[-1])
    told = _hook_column(document, rows, column, len(filled))
    link, hook = _parts(text)
    filled[column] = _escaped(link if told else text)
    if told:
        filled[told] = _escaped(hook)
    line = texts.bare(document.lines[rows[-1].start])
    indent = line[: len(line) - len(line.lstrip())]
    opens = line.lstrip().startswith("|") or not filled[0]
    closes = line.rstrip().endswith("|")
    return indent + ("| " * opens + " | ".join(filled) + " |" * closes).rstrip()


def said(document: Document, row: Block) -> list[str]:
    """What the cells of a table's row say."""
    return [cell.strip() for cell in cells(texts.bare(document.lines[row.start]))]


def _width(document: Document, row: Block) -> int:
    tables = (block for block in document.blocks if block.kind == "table")
    table = next(table for table in tables if table.start < row.start < table.end)
    return len(cells(texts.bare(document.lines[table.start])))


def _hook_column(document: Document, rows: Sequence[Block], column: int, width: int) -> int:
    """The first column of text behind the link's; 0 where there is none."""
    table = [said(document, row) for row in rows]

    def share(number: int, pattern: str) -> float:
        found = [row[number] if number < len(row) else "" for row in table]
        return sum(re.search(pattern, cell) is not None for cell in found) / len(found)

    behind = range(column + 1, width)
    # Sentences first, then words, then a column that nobody filled; numbers and dates are none.
    for pattern in (r"\S\s+\S", r"[^\W\d_]", r"^$"):
        for number in behind:
            if share(number, pattern) > _HALF:
                return number
    return 0


def _parts(text: str) -> tuple[str, str]:
    """A row's link and its hook, the separator left out."""
    mention = next(iter(links.mentions(Document("", text))), None)
    end = mention.span.end if mention else len(text)
    glue = texts.compiled(r"(\*\*|__)?[ \t]*(?:(?:—|–|--|-|:)[ \t]+)?").match(text, end)
    assert glue  # noqa: S101  (every part of it may be missing)
    return text[:end] + (glue[1] or ""), text[glue.end() :]


def _escaped(text: str) -> str:
    return _BAR.sub(r"\\|", text)
