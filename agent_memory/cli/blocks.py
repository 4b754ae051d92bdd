"""What a command shows, apart from how: lines, tables, trees and bars without any markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Style = Literal["plain", "title", "quiet", "good", "warning", "error", "name"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; an empty one separates."""

    text: str = ""
    style: Style = "plain"


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of what follows."""

    text: str


@dataclass(frozen=True, slots=True)
class Exact:
    """Text whose every line counts; a title, where there is one, frames it."""

    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Diff:
    """A unified diff."""

    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """How much of a limit is used."""

    label: str
    value: int
    limit: int


@dataclass(frozen=True, slots=True)
class Node:
    """One name in a tree with its details, and what stands under it."""

    name: str
    details: str = ""
    style: Style = "plain"
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under column heads; columns named in `numbers` are aligned to the right.

    `styles` is empty, or holds a style for each row.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[str] = frozenset()
    styles: tuple[Style, ...] = ()


Block = Line | Heading | Exact | Diff | Bar | Node | Table
