"""What is known of a project when a memory is held against it, as data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from agent_memory.core.staleness import commands, versions
from agent_memory.core.staleness.evidence import Evidence
from agent_memory.core.staleness.names import Names
from agent_memory.core.staleness.past import Past


@dataclass(frozen=True, slots=True)
class Written:
    """When a line was written, and how that is known (`journal` or `git`).

    `commits` are the commits around that moment; none where it is not committed yet. `day` is
    that of the moment, as YYYY-MM-DD.
    """

    commits: tuple[int, ...]
    by: str
    day: str = ""


def is_manifest(path: str) -> bool:
    """Whether a file defines commands or versions."""
    return bool(commands.kind_of(path)) or versions.is_manifest(path)


@dataclass(frozen=True)
class Facts:
    """A repository as it is now and as it was, seen from one of its folders.

    `live` are the files that are there now; `past` is None where nothing is known of the history;
    `prefix` is the project's folder below the repository's root, with a slash at its end ("" for
    the root), `folder` that of the memory; `written` says when lines were written, by the path of
    the memory's file and the line from 1; `found` is evidence that was worked out before, likewise.
    """

    live: Collection[str] = frozenset()
    past: Past | None = None
    prefix: str = ""
    folder: str = ""
    written: Mapping[str, Mapping[int, Written]] = field(default_factory=dict)
    found: Mapping[str, Mapping[int, Sequence[Evidence]]] = field(default_factory=dict)

    @cached_property
    def here(self) -> Names:
        """The files that are there."""
        return Names(self.live)

    @cached_property
    def ever(self) -> Names:
        """The files that were ever there."""
        return Names(self.past.paths if self.past else ())

    @cached_property
    def manifests(self) -> tuple[str, ...]:
        """The files that ever defined commands or versions."""
        return tuple(sorted(path for path in self.ever.paths if is_manifest(path)))
