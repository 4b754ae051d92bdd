"""Taking a text out of a memory for good: what is cut, and what would still tell of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from agent_memory.core import place
from agent_memory.core import text as texts
from agent_memory.core.blocks import Block
from agent_memory.core.document import Document
from agent_memory.core.forget import entry_blocks
from agent_memory.core.history import PURGE, Plan
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import PolicyError

SHORTEST = 4  # characters; less stands everywhere
PURGED = "[purged]"
_MACHINES = frozenset(
    {"id", "time", "operation", "before", "after", "base", "entry", "undoes", "since"}
)
_SHORTENED = re.compile(r"“([^”]*)…”")


def refuse(text: str, snapshot: Snapshot) -> None:
    """Refuse a text that cannot be purged.

    Raises:
        PolicyError: it is too short to be meant, or a file is named by it.
    """
    if len(text.strip()) < SHORTEST:
        raise PolicyError(
            f"a text to be purged has at least {SHORTEST} characters",
            "give the whole of what must go; `forget` takes out single entries",
        )
    paths = [*snapshot.files, *(skipped.path for skipped in snapshot.skipped)]
    for path in paths:
        if text in path:
            raise PolicyError(
                f"the name of {path} itself holds the text",
                "rename the file first (`agent-memory mv`), then purge the text",
            )


def needles(text: str) -> tuple[bytes, ...]:
    """The bytes that the text has in a file, and inside of JSON."""
    escaped = (json.dumps(text, ensure_ascii=flag)[1:-1] for flag in (True, False))
    return tuple({texts.encode(form) for form in (text, *escaped)})


def plan(snapshot: Snapshot, text: str) -> Plan:
    """What takes the text out of the files; its description does not repeat it."""
    files = {path: without(path, data, text) for path, data in snapshot.files.items()}
    changes = tuple(snapshot.changes_to(files))
    names = ", ".join(change.path for change in changes)
    return Plan(changes, PURGE, f"purge a text from {names}")


def without(path: str, data: bytes, text: str) -> bytes:
    """A file without the entries that hold the text; where it stands elsewhere, it is cut out."""
    said = texts.decode(data)
    document = Document(path, said)
    found = list(_holding(document, text))
    if found:
        said = place.without(document, found)
    while text in said:  # what stood around it may be the text again
        said = said.replace(text, "")
    return texts.encode(said)


def _holding(document: Document, text: str) -> Iterator[Block]:
    for block, _ in entry_blocks(document):
        source = "".join(document.lines[block.start : block.end])
        if text in source or text in document.entry(block).text:
            yield block


def scrubbed(value: object, text: str) -> object:
    """A JSON value with every string replaced that holds the text, or a shortened piece of it.

    What the program itself wrote (ids, times, hashes) is left alone: it is not the text, even
    where it looks like it.
    """
    if isinstance(value, str):
        return PURGED if tells(value, text) else value
    if isinstance(value, list):
        return [scrubbed(item, text) for item in value]
    if isinstance(value, dict):
        return {key: _scrubbed(key, item, text) for key, item in value.items()}
    return value


def _scrubbed(key: str, item: object, text: str) -> object:
    if key in _MACHINES:
        return item
    if key == "judged" and isinstance(item, list):  # an entry's id is a hash of what it says
        return [one for one in item if not _judges(one, text)]
    return scrubbed(item, text)


def _judges(value: object, text: str) -> bool:
    """Whether what is kept of an entry holds the text, or a line of it: it may span entries."""
    if isinstance(value, str):
        pieces = [line.strip() for line in texts.lines(text)] if "\n" in text.strip() else []
        held = any(len(piece) >= SHORTEST and piece in value for piece in pieces)
        return held or tells(value, text)
    if isinstance(value, list):
        return any(_judges(item, text) for item in value)
    if isinstance(value, dict):
        return any(_judges(item, text) for item in value.values())
    return False


def tells(said: str, text: str) -> bool:
    """Whether what is said holds the text, or a quotation that was shortened inside of it."""
    flat = " ".join(text.split())
    if text in said or flat in " ".join(said.split()):
        return True
    return any(_overlaps(piece, flat) for piece in _SHORTENED.findall(said))


def _overlaps(piece: str, text: str) -> bool:
    """Whether a piece is from within the text, or ends with how the text begins."""
    longest = min(len(piece), len(text))
    return (len(piece) >= SHORTEST and piece in text) or any(
        piece.endswith(text[:size]) for size in range(SHORTEST, longest + 1)
    )


def unreachable(repository: str) -> list[str]:
    """What a purge cannot reach, in words; `repository` is the git work tree around it, or ""."""
    history = (
        f"not reached: the git history of {repository}, if it was ever committed there;"
        " git-filter-repo rewrites one"
    )
    return [
        *([history] if repository else []),
        "not reached: backups, other clones and copies, programs that have a file open",
    ]
