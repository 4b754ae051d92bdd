"""Entries that a newer one seems to have taken the place of: the same anchors, said anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rapidfuzz import fuzz

from agent_memory.core.alike import anchors
from agent_memory.core.document import Entry
from agent_memory.core.staleness.evidence import Evidence

_ANCHORS = 2  # that two entries share at least, and no others
_ALIKE = 70  # of 100: two facts about the same files are two facts


def superseded(entries: Iterable[tuple[Entry, int]]) -> Iterator[tuple[Entry, Evidence]]:
    """The older ones of entries that are about the same, each with its evidence.

    Args:
        entries: with the second in which each was written, as far as that is known.
    """
    # Across files, entries of one shape (a line of every epic's notes) outnumber those replaced.
    about: dict[tuple[str, frozenset[str]], list[tuple[Entry, int]]] = defaultdict(list)
    for entry, time in entries:
        found = anchors(entry.text).names
        if len(found) >= _ANCHORS:
            about[entry.path, found].append((entry, time))
    for group in about.values():
        for entry, time in group:
            newer = [one for one in group if one[1] > time and _is_alike(entry, one[0])]
            if newer:
                by = max(newer, key=lambda one: one[1])[0]
                detail = f"a newer entry is about the same: {by.path}:{by.line}"
                evidence = Evidence("superseded", detail, entry.line, "suspect", by.id, by.path)
                yield entry, evidence


def _is_alike(one: Entry, other: Entry) -> bool:
    alike = fuzz.token_sort_ratio(one.text, other.text) >= _ALIKE
    return alike and one.id != other.id  # equal text is a duplicate, and another matter
