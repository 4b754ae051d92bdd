"""Finding what is meant: entries by id or by words, and what leads to a topic."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from agent_memory.core import place, similar
from agent_memory.core import text as texts
from agent_memory.core.blocks import Block
from agent_memory.core.document import Entry, normalised
from agent_memory.core.forget import entry_blocks
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import AmbiguousError, NotFoundError

_ID = re.compile(r"[0-9a-f]{10}")
_SHOWN = 8  # candidates that an error names


def entries(snapshot: Snapshot, containing: str = "") -> Iterator[Entry]:
    """Every entry, the index's first; only of files that hold a word of `containing`."""
    word = max(containing.casefold().split(), key=len, default="")
    for path in [INDEX, *snapshot.topics]:
        text = snapshot.text(path)
        if not word or not text.isascii() or word in text.casefold():
            yield from snapshot.document(path).entries


def entry(snapshot: Snapshot, wanted: str) -> Entry:
    """The first entry with this id.

    Raises:
        NotFoundError: there is none.
    """
    for found in entries(snapshot):
        if found.id == wanted:
            return found
    raise NotFoundError(
        f"no entry has the id {texts.shorten(wanted, 40)}",
        "`agent-memory show TOPIC` lists entries with their ids (MEMORY is the index);"
        " an id changes with the text",
    )


def has(snapshot: Snapshot, wanted: str) -> bool:
    """Whether an entry has this id."""
    return any(found.id == wanted for found in entries(snapshot))


def blocks(snapshot: Snapshot, wanted: str) -> Iterator[tuple[str, Block]]:
    """Where the entry's copies stand, the lowest of each file first."""
    for path in [INDEX, *snapshot.topics]:
        found = [b for b, own in entry_blocks(snapshot.document(path)) if own == wanted]
        yield from ((path, block) for block in reversed(found))


def matching(snapshot: Snapshot, query: str) -> list[Entry]:
    """The entries with the id `query`, else those that hold it as text, case aside.

    Raises:
        NotFoundError: there are none; similar ones are suggested.
    """
    wanted = normalised(query).casefold()
    if not wanted:
        raise NotFoundError("nothing to look for: the text is empty", "give an id or some words")
    if _ID.fullmatch(query.strip()):
        found = [one for one in entries(snapshot) if one.id == query.strip()]
        if found:
            return found
    found = [one for one in entries(snapshot, wanted) if wanted in normalised(one.text).casefold()]
    if found:
        return found
    # Imported here: most look-ups find what they look for, and what is asked for may be a secret.
    from agent_memory.core.secrets import masked

    raise NotFoundError(
        f"no entry holds “{texts.shorten(masked(query), 60)}”",
        "the words must stand in the entry letter for letter, case aside",
        tuple(described(near.entry) for near in similar.nearest(query, snapshot)),
    )


def one(snapshot: Snapshot, query: str) -> Entry:
    """The entry that `query` means; equal copies count as one.

    Raises:
        NotFoundError: nothing matches.
        AmbiguousError: different entries match.
    """
    found = matching(snapshot, query)
    if len({entry.id for entry in found}) > 1:
        more = f" ({len(found) - _SHOWN} more are not shown)" if len(found) > _SHOWN else ""
        raise AmbiguousError(
            f"{len(found)} entries hold “{texts.shorten(query, 60)}”",
            f"name one by its id, or take them all on purpose (--all, forget_all){more}",
            tuple(described(entry) for entry in found[:_SHOWN]),
        )
    return found[0]


def described(entry: Entry) -> str:
    """An entry on one line, with its id and place."""
    return f"{entry.id}  {entry.path}:{entry.line}  {texts.shorten(entry.text, 80)}"


def source(snapshot: Snapshot, path: str, block: Block) -> str:
    """An entry's text with its marker comments, as it can be remembered elsewhere."""
    document = snapshot.document(path)
    text = document.entry(block).text
    if block.kind != "item":
        return text
    marks = place.markers("".join(document.lines[block.start : block.end]))
    first, *rest = text.split("\n")
    return "\n".join([" ".join([first, *marks]), *rest])


def mentions(snapshot: Snapshot, topic: str) -> list[str]:
    """Where a topic's file name or wikilink stands, said in words, with file and line."""
    name = topic.rsplit("/", 1)[-1]
    stem = name.rsplit(".", 1)[0]
    return [
        f"{path}:{number} still mentions {name}"
        for path in [INDEX, *snapshot.topics]
        for number, line in enumerate(texts.lines(snapshot.text(path)), 1)
        if name in line or f"[[{stem}" in line
    ]


def no_topic(snapshot: Snapshot, path: str) -> NotFoundError:
    """The error for a topic that is not there, with near misses."""
    close = difflib.get_close_matches(path, snapshot.topics, 3, 0.5)
    hint = "`agent-memory show` lists the topics"
    return NotFoundError(f"there is no topic {path}", hint, tuple(close))
