"""Blocks as plain text, for pipes and files: no colour, no box, nothing cut to a width."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from agent_memory.cli.blocks import Bar, Block, Diff, Exact, Heading, Line, Node, Table
from agent_memory.core import text as texts


def lines(blocks: Iterable[Block]) -> Iterator[str]:
    """The lines of the blocks, without endings."""
    for block in blocks:
        yield from _lines(block)


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Line):
        yield flat(block.text)
    elif isinstance(block, Heading):
        yield from ("", flat(block.text), "=" * _width(flat(block.text)))
    elif isinstance(block, Exact):
        if block.title:
            yield f"--- {flat(block.title)} ---"
        yield from map(texts.bare, texts.lines(block.text))
    elif isinstance(block, Diff):
        yield from map(texts.bare, texts.lines(block.text))
    elif isinstance(block, Bar):
        yield f"{block.label:<12} {block.value:,} of {block.limit:,} ({share(block):.0%})"
    elif isinstance(block, Node):
        yield from _tree(block, "")
    else:
        yield from _table(block)


def flat(text: str) -> str:
    """Text on one line, so that no text can pass for a line of ours."""
    return " ".join(map(texts.bare, texts.lines(text)))


def share(bar: Bar) -> float:
    """How full a bar is; 1.0 is the limit."""
    return bar.value / bar.limit


def _tree(node: Node, indent: str) -> Iterator[str]:
    yield f"{indent}{flat(node.name)}" + (f"  {flat(node.details)}" if node.details else "")
    for child in node.children:
        yield from _tree(child, indent + "  ")


def _table(table: Table) -> Iterator[str]:
    rows = [table.columns, *(tuple(map(flat, row)) for row in table.rows)]
    widths = [max(_width(row[n]) for row in rows) for n in range(len(table.columns))]
    for row in rows:
        cells = [
            _padded(cell, width, name in table.numbers)
            for cell, width, name in zip(row, widths, table.columns, strict=True)
        ]
        yield "  ".join(cells).rstrip()


def _padded(cell: str, width: int, right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if right else cell + space


def _width(text: str) -> int:
    """The columns that a text takes: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )
