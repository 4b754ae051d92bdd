"""What became of the paths of a repository, as data: was one alive at a commit, where did it go.

The tree of a commit is that of its first parent with the commit's own changes (a merge's are
those against its first parent). So first parents make a forest, and a path is alive at a commit
if the nearest commit above it there that added or removed the path added it. That holds on every
branch, and needs no look at any tree.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

BORN, GONE, CHANGED = -1, -2, -3
"""What a commit did to a path; a number from 0 is where it was renamed to."""
_RENAMES = 30  # that are followed one after another


@dataclass(frozen=True, slots=True)
class Fate:
    """How a path that is gone went: the commit (None: it is not in the history), and where to."""

    commit: int | None
    renamed_to: str = ""


@dataclass(frozen=True)
class Past:
    """A repository's history up to one commit.

    `commits` are ids, children before their parents, with the number of each one's first parent
    (-1: none) and its time in seconds; `merges` are the numbers of commits with several parents.
    `events` pairs, for the path of the same place in `paths`, numbers of commits with what they
    did to it: `BORN`, `GONE`, `CHANGED`, or the place of the path that it was renamed to.
    """

    commits: Sequence[str] = ()
    parents: Sequence[int] = ()
    times: Sequence[int] = ()
    merges: Collection[int] = frozenset()
    paths: Sequence[str] = ()
    events: Sequence[Sequence[int]] = ()

    @cached_property
    def number(self) -> Mapping[str, int]:
        """The number of each commit."""
        return {commit: number for number, commit in enumerate(self.commits)}

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Where each path stands in `paths`."""
        return {path: place for place, path in enumerate(self.paths)}

    @cached_property
    def _spans(self) -> tuple[list[int], list[int]]:
        """Of each commit where its descendants begin and end, in one order of the forest."""
        count = len(self.commits)
        size = [1] * count
        for commit, parent in enumerate(self.parents):
            if parent >= 0:
                size[parent] += size[commit]
        enter, free, roots = [0] * count, [0] * count, 0
        for commit in reversed(range(count)):
            parent = self.parents[commit]
            if parent >= 0:
                enter[commit] = free[parent]
                free[parent] += size[commit]
            else:
                enter[commit] = roots
                roots += size[commit]
            free[commit] = enter[commit] + 1
        return enter, [start + size[commit] for commit, start in enumerate(enter)]

    @cached_property
    def _line(self) -> list[int]:
        """The commits from the newest one along first parents, the oldest first."""
        line, commit = [], 0 if self.commits else -1
        while commit >= 0:
            line.append(commit)
            commit = self.parents[commit]
        return line[::-1]

    def at(self, seconds: float) -> tuple[int, ...]:
        """The commits of the main line around a moment: the last before it, the first after it."""
        times: list[float] = []
        for commit in self._line:  # clocks of different machines: never run backwards
            times.append(max(self.times[commit], times[-1] if times else 0))
        here = bisect_right(times, seconds)
        return tuple(self._line[max(0, here - 1) : here + 1])

    def alive(self, path: str, commit: int) -> bool:
        """Whether the tree of a commit had the file."""
        last = self._last(path, commit)
        return last is not None and last[1] == BORN

    def changes_since(self, path: str, commit: int) -> int:
        """How many commits later than this one changed the file."""
        since = self.times[commit]
        return sum(
            1
            for number, what in self._of(path)
            if what == CHANGED and number not in self.merges and self.times[number] > since
        )

    def fate(self, path: str, live: Collection[str]) -> Fate:
        """How a path that is not in `live` went; renames are followed until something lives."""
        first: Fate | None = None
        seen = {path}
        while len(seen) < _RENAMES:
            commit, target = self._removal(path)
            first = first or Fate(commit)
            if target in live:
                return Fate(first.commit, target)
            if not target or target in seen:
                return first
            path = target
            seen.add(path)
        return first or Fate(None)

    def _removal(self, path: str) -> tuple[int | None, str]:
        """The commit that removed a path from the main line, and its new name."""
        last = self._last(path, 0)
        removals = [
            (number, what)
            for number, what in self._of(path)
            if what == GONE or what >= 0  # a number of a path: it was renamed
        ]
        if not removals:
            return None, ""
        own = [one for one in removals if one[0] not in self.merges] or removals
        if last is not None and last[1] != BORN and last[0] not in self.merges:
            own = [last]
        # A merge only carries to the main line what a commit of the branch did, and says more.
        renamed = [one for one in own if one[1] >= 0]
        number, what = max(renamed or own, key=lambda one: self.times[one[0]])
        return number, self.paths[what] if what >= 0 else ""

    def _last(self, path: str, commit: int) -> tuple[int, int] | None:
        """What the nearest commit at or above `commit` that added or removed the path did."""
        if not self.commits:
            return None
        enter, leave = self._spans
        here = enter[commit]
        above = [
            (enter[number], what == BORN, number, what)
            for number, what in self._of(path)
            if what != CHANGED and enter[number] <= here < leave[number]
        ]
        return max(above)[2:] if above else None

    def _of(self, path: str) -> Iterator[tuple[int, int]]:
        place = self.place.get(path)
        if place is not None:
            events = self.events[place]
            yield from zip(events[::2], events[1::2], strict=True)
