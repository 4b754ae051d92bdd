"""What a change brought: findings that were not there before it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from agent_memory.core.checks.finding import Finding
from agent_memory.core.history import Record
from agent_memory.core.snapshot import Snapshot

_NUMBER = re.compile(r"[0-9][0-9,]*")


def before(snapshot: Snapshot, record: Record) -> Snapshot:
    """The files of a snapshot with those that a commit changed as they were before it."""
    files = dict(snapshot.files)
    for path in record.before:
        data = record.before[path]
        if data is None:
            files.pop(path, None)
        else:
            files[path] = data
    return snapshot.with_files(files)


def introduced(old: Iterable[Finding], new: Iterable[Finding]) -> list[Finding]:
    """Those of the `new` findings that have no counterpart among the `old` ones.

    A finding that only moved to another line, or whose numbers changed, is the same as before.
    """
    there = Counter(map(_likeness, old))
    brought: list[Finding] = []
    for finding in new:
        likeness = _likeness(finding)
        if there[likeness]:
            there[likeness] -= 1
        else:
            brought.append(finding)
    return brought


def _likeness(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.path, _NUMBER.sub("0", finding.message)
