"""The topics of a memory, as one looks at them in a list."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from agent_memory.core import links, paths
from agent_memory.core import text as texts
from agent_memory.core.budget import Budget
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Topic:
    """One file beside the index.

    `reachable` says whether links lead to it from what a runner loads of the index; `problem`
    says why a file is listed but not read, "" for a topic.
    """

    path: str
    title: str
    description: str
    lines: int
    bytes: int
    reachable: bool
    problem: str = ""


def topics(snapshot: Snapshot, budget: Budget) -> list[Topic]:
    """Every file but the index, by path, also what is not read."""
    reachable = links.reachable(snapshot, budget)
    found = [_topic(snapshot, path, path in reachable) for path in snapshot.topics]
    found += [Topic(s.path, "", "", 0, s.bytes, False, s.reason) for s in snapshot.skipped]
    return sorted(found, key=lambda topic: topic.path)


def _topic(snapshot: Snapshot, path: str, reachable: bool) -> Topic:
    document = snapshot.document(path)
    return Topic(
        path,
        document.title,
        document.description,
        texts.count_lines(document.text),
        len(snapshot.files[path]),
        reachable,
    )


def find(snapshot: Snapshot, name: str) -> str:
    """The path of the file that `name` means: its path, with or without the suffix, or its stem.

    Raises:
        NotFoundError: there is no such file, or it is one that is not read.
        UnsafePathError: `name` leaves the memory.
    """
    if name in snapshot.files:
        return name
    path = paths.topic_path(name)
    if path in snapshot.files:
        return path
    for skipped in snapshot.skipped:
        if skipped.path in (name, path):
            raise NotFoundError(
                f"{skipped.path} is not read: {skipped.reason}", "look at it with another tool"
            )
    named = links.names(snapshot).exact.get(name, ())
    if len(named) == 1:
        return named[0]
    close = difflib.get_close_matches(path, [INDEX, *snapshot.topics], 3, 0.5)
    if path == INDEX:
        raise NotFoundError(
            "there is no index yet", "remember something, or run `agent-memory init`"
        )
    raise NotFoundError(
        f"there is no topic {path}", "`agent-memory show` lists the topics", tuple(close)
    )
