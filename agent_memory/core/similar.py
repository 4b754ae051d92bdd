"""Entries that resemble a text: offered to whoever writes, never acted upon.

Two facts may differ in one number and both be true, so likeness only ever suggests.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent_memory.core import text as texts
from agent_memory.core.document import Entry, entry_id, normalised
from agent_memory.core.history import Nearest
from agent_memory.core.snapshot import Snapshot

LIMIT = 3
_CUTOFF = 60.0  # below this, likeness of wording says nothing (token_set_ratio, 0 to 100)
_LINES = 30  # candidate lines that are looked at as entries


def nearest(text: str, snapshot: Snapshot) -> tuple[Nearest, ...]:
    """Up to three entries that resemble `text`, the most alike first, itself left out."""
    from rapidfuzz import fuzz, process, utils

    lines = [
        (path, number, texts.bare(line))
        for path in sorted(snapshot.files)
        for number, line in enumerate(texts.lines(snapshot.text(path)), 1)
        if not line.isspace()
    ]
    # Lines are compared first, so that only files with a candidate are ever parsed.
    probe = text.partition("\n")[0]
    hits = process.extract(
        probe, [line for _, _, line in lines], scorer=fuzz.token_set_ratio,
        processor=utils.default_process, limit=_LINES, score_cutoff=_CUTOFF,
    )  # fmt: skip
    own, found = entry_id(text), dict[str, Nearest]()
    for _, _, position in hits:
        path, number, _ = lines[position]
        entry = snapshot.document(path).entry_at(number)
        if entry is None or entry.id in found or entry.id == own:
            continue
        score = fuzz.token_set_ratio(text, entry.text, processor=utils.default_process)
        if score >= _CUTOFF:
            found[entry.id] = Nearest(entry, round(score, 1))
    ranked = sorted(
        found.values(), key=lambda near: (-near.score, near.entry.path, near.entry.line)
    )
    return tuple(ranked[:LIMIT])


def copies(text: str, snapshot: Snapshot) -> Iterator[Entry]:
    """Every entry with the same normalised text; only files that hold its words are parsed."""
    wanted = entry_id(text)
    words = sorted(normalised(text).split(), key=len, reverse=True)[:2]
    for path in sorted(snapshot.files):
        content = snapshot.text(path)
        # Other characters may spell the same word in another form, a marker may stand within it.
        is_plain = content.isascii() and "<!--" not in content
        if is_plain and not all(word in content for word in words):
            continue
        yield from (entry for entry in snapshot.document(path).entries if entry.id == wanted)
