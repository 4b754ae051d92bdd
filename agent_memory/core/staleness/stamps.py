"""Entries that somebody looked at and found still true: until something new speaks against them.

A stamp holds for the text (an entry's id is a hash of it) and for the evidence that was known
when it was made. Other text has no stamp; other evidence weighs what it weighs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from agent_memory.core.archive import standing
from agent_memory.core.history import Commit
from agent_memory.core.staleness.evidence import Evidence, StaleEntry, verdict


@dataclass(frozen=True, slots=True)
class Stamp:
    """The day on which an entry was found still true, as YYYY-MM-DD, and what was known then."""

    day: str
    evidence: tuple[Evidence, ...]

    def knew(self, evidence: Evidence) -> bool:
        """Whether this piece of evidence was there when the stamp was made."""
        return any(_is_same(known, evidence) for known in self.evidence)


def stamps(commits: Iterable[Commit]) -> dict[str, Stamp]:
    """The newest stamp of each entry, by its id; the commits come newest first."""
    found: dict[str, Stamp] = {}
    for commit, one in standing(commits):
        if one.done == "verified":
            found.setdefault(one.entry, Stamp(f"{commit.time:%Y-%m-%d}", one.evidence))
    return found


def stamped(judged: Iterable[StaleEntry], stamps: Mapping[str, Stamp]) -> tuple[StaleEntry, ...]:
    """The entries with what their stamps knew weighing nothing."""
    return tuple(
        _stamped(one, stamps[one.entry.id]) if one.entry.id in stamps else one for one in judged
    )


def together(judged: Iterable[StaleEntry], entry_id: str) -> StaleEntry | None:
    """An entry with the evidence of all its copies, None where there is no such entry."""
    found = [one for one in judged if one.entry.id == entry_id]
    if not found:
        return None
    evidence = tuple(dict.fromkeys(piece for one in found for piece in one.evidence))
    return replace(found[0], verdict=verdict(evidence), evidence=evidence)


def _stamped(one: StaleEntry, stamp: Stamp) -> StaleEntry:
    evidence = tuple(
        replace(piece, weight="info") if stamp.knew(piece) else piece for piece in one.evidence
    )
    return replace(one, verdict=verdict(evidence), evidence=evidence, verified=stamp.day)


def _is_same(known: Evidence, now: Evidence) -> bool:
    """Whether two pieces say the same: of something gone, that it is the same going.

    A file that was deleted and not committed when the stamp was made is still the same one once
    that is committed. What has no commit is told apart by its words.
    """
    if (known.kind, known.subject, known.path) != (now.kind, now.subject, now.path):
        return False
    if now.commit:
        return known.commit in (now.commit, "")
    return not known.commit and known.detail == now.detail
