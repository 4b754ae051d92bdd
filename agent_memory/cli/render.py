"""Blocks on a terminal; the only module that knows rich.

A memory's text is data here: it goes through `printable`, which leaves nothing that could move
a cursor, and into a `Text`, which knows no markup. Nothing is ever printed as a `str`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table as Grid
from rich.text import Text
from rich.tree import Tree

from agent_memory.cli.blocks import Bar, Block, Diff, Exact, Heading, Line, Node, Style, Table
from agent_memory.cli.plain import flat, share
from agent_memory.core.text import printable

_STYLES: dict[Style, str] = {
    "plain": "",
    "title": "bold",
    "quiet": "dim",
    "good": "green",
    "warning": "yellow",
    "error": "bold red",
    "name": "cyan",
}
_BAR_WIDTH = 30
_NEARLY = 0.9


def draw(blocks: Iterable[Block], colour: bool = True) -> None:
    """Draw blocks on the terminal; without colour nothing but text and lines is sent."""
    wanted = colour and not os.environ.get("NO_COLOR")
    console = Console(color_system="auto" if wanted else None, highlight=False, markup=False)
    for block in blocks:
        console.print(_drawn(block), soft_wrap=isinstance(block, Diff))


def _drawn(block: Block) -> RenderableType:
    if isinstance(block, Line):
        return _text(flat(block.text), block.style)
    if isinstance(block, Heading):
        rule = Rule(_text(flat(block.text), "title"), align="left", style="dim")
        return Group(Text(), rule)
    if isinstance(block, Exact):
        body = _text(block.text.rstrip("\n"))
        title = _text(block.title, "title") if block.title else None
        return Panel(body, title=title, title_align="left", border_style="dim") if title else body
    if isinstance(block, Diff):
        return _diff(block.text)
    if isinstance(block, Bar):
        return _bar(block)
    return _tree(block) if isinstance(block, Node) else _grid(block)


def _text(text: str, style: Style = "plain") -> Text:
    return Text(printable(text), _STYLES[style])


def _bar(bar: Bar) -> Text:
    part = share(bar)
    style: Style = "error" if part > 1 else "warning" if part > _NEARLY else "good"
    full = min(_BAR_WIDTH, round(part * _BAR_WIDTH))
    drawn = _text(f"{bar.label:<12} ")
    drawn.append("█" * full, _STYLES[style])
    drawn.append("░" * (_BAR_WIDTH - full), "dim")
    drawn.append(f" {bar.value:,} of {bar.limit:,} ({part:.0%})")
    return drawn


def _diff(text: str) -> Text:
    drawn = Text()
    styles: dict[str, Style] = {"+": "good", "-": "error", "@": "name"}
    for line in text.rstrip("\n").split("\n"):
        drawn.append(printable(line) + "\n", _STYLES[styles.get(line[:1], "plain")])
    drawn.right_crop(1)
    return drawn


def _tree(node: Node) -> Tree:
    tree = Tree(_label(node), guide_style="dim")
    for child in node.children:
        tree.children.append(_tree(child))
    return tree


def _label(node: Node) -> Text:
    label = _text(flat(node.name), "name" if node.style == "plain" else node.style)
    if node.details:
        label.append("  " + printable(flat(node.details)), "dim" if node.style == "plain" else "")
    return label


def _grid(table: Table) -> Grid:
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    for number, name in enumerate(table.columns):
        last = number == len(table.columns) - 1
        grid.add_column(
            _text(name),
            justify="right" if name in table.numbers else "left",
            overflow="fold",
            no_wrap=not last,
        )
    for number, row in enumerate(table.rows):
        style = _STYLES[table.styles[number]] if table.styles else ""
        grid.add_row(*(_text(flat(cell)) for cell in row), style=style)
    return grid
