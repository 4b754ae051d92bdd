"""A table that becomes a list of cards where there is little width.

Every part names its role: a browser takes `display: block` for a reason to call it no table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agent_memory.core.report.words import said

Column = tuple[str, str]
"""A heading, and the class of its cells: `number`, `when` (kept on a line), `name`, `place`, or ""
for a text, whose direction is its own."""


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]], caption: str) -> Iterator[str]:
    """The element; cells are HTML already, headings and the caption are text."""
    yield '<table class="stack" role="table">'
    yield f'<caption role="caption">{said(caption)}</caption><thead role="rowgroup"><tr role="row">'
    for name, kind in columns:
        yield f'<th scope="col" role="columnheader"{_class(kind)}>{said(name)}</th>'
    yield '</tr></thead><tbody role="rowgroup">'
    for row in rows:
        yield '<tr role="row">'
        for (name, kind), cell in zip(columns, row, strict=True):
            way = "" if kind else ' dir="auto"'
            yield f'<td role="cell"{_class(kind)}{way} data-name="{said(name)}">{cell}</td>'
        yield "</tr>"
    yield "</tbody></table>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
