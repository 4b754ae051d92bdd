"""Copies of an entry that can be taken out without a loss, and taking them out."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from agent_memory.core import alike, links, place
from agent_memory.core import text as texts
from agent_memory.core.blocks import Block
from agent_memory.core.budget import Budget
from agent_memory.core.document import Document
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot

Twin = tuple[str, str]
"""The path and the id of an entry that stands somewhere else before."""


def without_copies(
    snapshot: Snapshot, wanted: Collection[Twin], budget: Budget
) -> tuple[Snapshot, int]:
    """The snapshot without these later copies, and how many were taken out.

    A copy stays where it is pinned or carries any comment, and where a topic would be out of
    reach without the links in it.
    """
    found = list(_copies(snapshot, wanted))
    after = _without(snapshot, found)
    reached = links.reachable(snapshot, budget)
    if reached <= links.reachable(after, budget):
        return after, len(found)
    count, after = 0, snapshot
    for path, block in reversed(found):  # from the end, so that blocks above stay where they are
        fewer = _without(after, [(path, block)])
        if reached <= links.reachable(fewer, budget):
            count, after = count + 1, fewer
    return after, count


def _copies(snapshot: Snapshot, wanted: Collection[Twin]) -> Iterator[tuple[str, Block]]:
    paths = [INDEX, *snapshot.topics] if snapshot.files else []
    documents = {path: snapshot.document(path) for path in paths}
    entries = (entry for document in documents.values() for entry in document.entries)
    for _, later, _ in alike.copies(entries):
        document = documents[later.path]
        if (later.path, later.id) in wanted and not later.pinned:
            block = document.block_at(later.line)
            if block and not _has_comment(document, block):
                yield later.path, block


def _has_comment(document: Document, block: Block) -> bool:
    # A comment alone on the line above, such as an ignore, belongs to what is below it.
    above = document.lines[max(block.start - 1, 0) : block.start]
    alone = above if above and above[0].lstrip().startswith("<!--") else []
    return any("<!--" in line for line in (*alone, *document.lines[block.start : block.end]))


def _without(snapshot: Snapshot, found: list[tuple[str, Block]]) -> Snapshot:
    files = dict(snapshot.files)
    for path in {path for path, _ in found}:
        blocks = [block for home, block in found if home == path]
        files[path] = texts.encode(place.without(snapshot.document(path), blocks))
    return snapshot.with_files(files)
