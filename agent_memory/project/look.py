"""One look at a memory: the facts about its project, the verdicts, and what is kept of both.

The same commit, files, history and day give the same verdicts, so these are kept whole: a second
look reads the memory, asks git where it is and what it tracks, and looks whether the untracked
files that the memory names are still as they were.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import date
from operator import attrgetter
from pathlib import Path

from agent_memory.core.document import Entry
from agent_memory.core.links import Link
from agent_memory.core.snapshot import Snapshot
from agent_memory.core.staleness.evidence import Evidence, StaleEntry, Staleness
from agent_memory.core.staleness.facts import Facts
from agent_memory.core.staleness.judge import breakable, judge
from agent_memory.project import facts, gitlog
from agent_memory.project.facts import Asked, Cache, Journal

_VERSION = "2"  # of the rules by which verdicts come about: another one makes what is kept void
_ENTRY = attrgetter(*Entry.__dataclass_fields__)
_EVIDENCE = attrgetter(*Evidence.__dataclass_fields__)


def look(
    directory: Path,
    project: Path | None,
    snapshot: Snapshot,
    journal: Journal,
    beside: Iterable[str],
    outside: frozenset[str],
    today: date,
    cache: Cache,
) -> Staleness:
    """The verdicts on a memory.

    Args:
        directory: where the memory is.
        project: the project's folder; None: the one that the memory lies in.
        snapshot: the memory's files.
        journal: what our own history says of the lines of a file.
        beside: what else the verdicts depend on: our version, and where our history ends.
        outside: the files of the project's other memories, as paths from this one.
        today: the day that expiries are held against.
        cache: where answers are kept.
    """
    root = project or facts.project_of(directory)
    repo = gitlog.repository(root) if root.is_dir() else None
    if repo is None or not repo.head:
        why = f"there is no git repository at {root}" if repo is None else "there is no commit yet"
        notice = f"cannot tell what became of paths: {why}"
        return Staleness(judge(snapshot, Facts(), today, breakable(snapshot, outside)), (notice,))
    asked = Asked(directory, snapshot, repo, frozenset(gitlog.tracked(repo)), journal)
    name = f"{asked.name}-{hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]}"
    key = _key(asked, [*beside, "", *sorted(outside)], today)
    kept = _unpacked(cache.load(name), key, repo.top)
    if kept is not None:
        return kept
    named: set[str] = set()
    linked: list[Link] = []

    def read() -> list[str]:
        linked.extend(breakable(snapshot, outside))
        named.update(facts.named(asked))
        return facts.there(repo.top, named)

    found, notices = facts.gather(asked, cache, read)
    judged = Staleness(judge(snapshot, found, today, linked), tuple(notices), repo.head)
    cache.save(name, _packed(judged, key, named, facts.there(repo.top, named)))
    return judged


def _key(asked: Asked, beside: Iterable[str], today: date) -> str:
    """Everything that verdicts depend on, but for files that git does not track."""
    repo = asked.repo
    parts = [_VERSION, repo.head, repo.inside, asked.folder, asked.snapshot.revision]
    parts += [str(today), str(repo.is_shallow), *beside, "", *sorted(asked.tracked)]
    return hashlib.sha256(os.fsencode("\0".join(parts))).hexdigest()


def _packed(judged: Staleness, key: str, names: Iterable[str], untracked: list[str]) -> bytes:
    rows = [
        [_ENTRY(one.entry), one.verdict, [_EVIDENCE(evidence) for evidence in one.evidence]]
        for one in judged.entries
    ]
    body = {
        "key": key,
        "head": judged.head,
        "notices": judged.notices,
        "names": sorted(names),
        "untracked": untracked,
        "entries": rows,
    }
    return json.dumps(body, separators=(",", ":")).encode()


def _unpacked(data: bytes | None, key: str, top: Path) -> Staleness | None:
    """The verdicts that were kept, None where anything that they depend on is another."""
    try:
        body = json.loads(data or b"{}")
        if body.get("key") != key or facts.there(top, body["names"]) != body["untracked"]:
            return None
        entries = tuple(
            StaleEntry(Entry(*entry), verdict, tuple(Evidence(*one) for one in evidence))
            for entry, verdict, evidence in body["entries"]
        )
        return Staleness(entries, tuple(body["notices"]), body["head"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
