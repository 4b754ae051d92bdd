"""A model of a disk, and of what it may hold when the power is cut.

It is the pessimism that POSIX allows. What was written to a file is on the disk once the file
was synced; before, the file may be empty, hold the beginning, be of full length with zeros in it,
or be whole. A name that was given or taken is on the disk once its directory was synced; before,
any of these steps may be on the disk without the others, also without earlier ones of the same
directory. A rename, an exchange and a link are one step each: all of it or nothing, also across
directories, and on the disk as soon as either directory is synced.

How steps may be reordered is one of `ORDERS`:

- "names": any of them may be missing, only that a step needs the earlier ones on the same name.
  It covers file systems with soft updates (UFS), btrfs and f2fs, whose sync of one file or
  directory leaves others behind, and includes "journal". The one limit is the third rule of soft
  updates (Ganger and Patt, "Metadata Update Performance in File Systems", OSDI 1994): the old
  name of something alive is not overwritten before its new one is on the disk.
- "journal": the disk holds the steps up to a moment, and any sync brings all that came before.
  So do ext4, XFS and APFS.
- "any": without that limit, which no file system is known to need.

Zeros after a file's end was moved are what ext4 with data=writeback may leave, and other file
systems left before they wrote data first (Pillai and others, "All File Systems Are Not Created
Equal", OSDI 2014, call it the atomicity of appends). Modes, owners and times are not modelled.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

ORDERS = ("names", "journal", "any")
_DAMAGE: tuple[Callable[[bytes], bytes], ...] = (
    lambda data: data,
    lambda data: b"",
    lambda data: data[: len(data) // 2],
    lambda data: b"\0" * len(data),
)
"""What may have become of the bytes that were written and not synced; the first is: nothing."""
_ALL_WAYS = 6  # unsynced steps of names: so few are gone through in every combination
_CHANCES = 24  # else so many random ones are added to the systematic ones

Name = tuple[int, str]
Tree = dict[str, bytes | None]
"""Paths below the root, and what the file holds; None for a directory."""


@dataclass(frozen=True)
class Named:
    """One step: names of directories come to mean something else, or (None) nothing."""

    entries: tuple[tuple[Name, int | None], ...]


@dataclass(frozen=True)
class Written:
    """Bytes added to the end of a file."""

    node: int
    data: bytes


@dataclass(frozen=True)
class Synced:
    """A file or a directory was synced."""

    node: int


Step = Named | Written | Synced


class Disk:
    """A directory, all of which is on the disk, and the steps that were taken since.

    Files and directories are numbered; the directory itself is 0. Paths are absolute.
    """

    def __init__(self, root: Path) -> None:
        self.steps: list[Step] = []
        self._root = str(root)
        self._base: dict[Name, int] = {}
        self._data: dict[int, bytes | None] = {0: None}  # as it was; None for a directory
        for path in sorted(root.rglob("*")):
            node = self._new(path.read_bytes() if path.is_file() else None)
            self._base[self._located(str(path), self._base)] = node
        self._now = dict(self._base)

    # -- what is done ---------------------------------------------------------------------------

    def knows(self, path: str) -> bool:
        """Whether a path is the directory, or something in it that was made by a step."""
        return self.node(path) is not None

    def node(self, path: str) -> int | None:
        """The number of what is at a path now."""
        if path == self._root:
            return 0
        return self._now.get(self._located(path, self._now))

    def make(self, path: str, folder: bool = False) -> None:
        """A new file or directory gets its name."""
        self._name({path: self._new(None if folder else b"")})

    def move(self, source: str, target: str) -> None:
        """A file gets another name, whose file loses it."""
        self._name({source: None, target: self.node(source)})

    def exchange(self, one: str, other: str) -> None:
        """Two files change their names."""
        self._name({one: self.node(other), other: self.node(one)})

    def link(self, source: str, target: str) -> None:
        """A file gets a second name."""
        self._name({target: self.node(source)})

    def remove(self, path: str) -> None:
        """A name is taken away."""
        self._name({path: None})

    def write(self, node: int, data: bytes) -> None:
        """Bytes are added to a file."""
        self.steps.append(Written(node, data))

    def sync(self, node: int) -> None:
        """The disk is waited for."""
        self.steps.append(Synced(node))

    def _new(self, data: bytes | None) -> int:
        self._data[len(self._data)] = data
        return len(self._data) - 1

    def _located(self, path: str, names: dict[Name, int]) -> Name:
        """The directory of a path and the name in it; (-1, …) for what is not ours."""
        inside, _, below = path.partition(self._root + "/")
        if inside or not below:
            return -1, path
        folder = 0
        *above, name = below.split("/")
        for part in above:
            folder = names.get((folder, part), -1)
        return folder, name

    def _name(self, meanings: dict[str, int | None]) -> None:
        step = Named(tuple((self._located(p, self._now), node) for p, node in meanings.items()))
        assert all(name[0] >= 0 for name, _ in step.entries), meanings
        self.steps.append(step)
        _apply(self._now, step)

    def said(self, step: Step) -> str:
        """A step in words."""
        if isinstance(step, Named):
            return ", ".join(f"{name[1]} → {node}" for name, node in step.entries)
        return f"{type(step).__name__.lower()} {step.node}"

    # -- what a power cut leaves ----------------------------------------------------------------

    def cuts(
        self, length: int, order: str, chance: Random, farthest: int = 2
    ) -> Iterator[tuple[int, Tree]]:
        """What may be there if the power is cut after so many steps; some of it repeatedly.

        With it comes how far-fetched it is: 0, all of the unsynced names are there or none, and
        the unsynced files are whole or empty; 1, the same for all names but one, or only one; 2.
        Nothing is further than `farthest`.
        """
        steps = self.steps[:length]
        synced = {s.node: i for i, s in enumerate(steps) if isinstance(s, Synced)}
        sure, open_ = _parted(steps, synced, order)
        whole, torn = self._contents(steps, synced)
        for far, chosen in _chosen(open_, chance):
            if far > farthest:
                continue
            names = dict(self._base)
            closed = _closed(steps, open_, chosen, order)
            for number in sorted(sure | closed):
                _apply(names, steps[number])
            tree = self._tree(names)
            mine = sorted(torn.keys() & set(tree.values()))
            for number, contents in enumerate(_damaged(mine, torn, chance)):
                if farthest < 2 <= number:
                    break
                data = whole | contents
                yield far if number < 2 else 2, {path: data[node] for path, node in tree.items()}

    def _contents(
        self, steps: Sequence[Step], synced: dict[int, int]
    ) -> tuple[dict[int, bytes | None], dict[int, list[bytes]]]:
        """What each file holds if all of it is there, and of unsynced ones, what they may hold."""
        whole = dict(self._data)
        late: dict[int, bytes] = {}
        for number, step in enumerate(steps):
            if isinstance(step, Written):
                whole[step.node] = (whole[step.node] or b"") + step.data
                if synced.get(step.node, -1) < number:
                    late[step.node] = late.get(step.node, b"") + step.data
        torn = {}
        for node, data in late.items():
            kept = (whole[node] or b"").removesuffix(data)
            torn[node] = [kept + damage(data) for damage in _DAMAGE]
        return whole, torn

    def _tree(self, names: dict[Name, int]) -> dict[str, int]:
        inside: dict[int, list[tuple[str, int]]] = {}
        for (folder, name), node in names.items():
            inside.setdefault(folder, []).append((name, node))
        tree: dict[str, int] = {}
        waiting = [("", 0)]
        while waiting:
            path, folder = waiting.pop()
            for name, node in inside.get(folder, ()):
                tree[path + name] = node
                if self._data[node] is None:
                    waiting.append((f"{path}{name}/", node))
        return tree


def _apply(names: dict[Name, int], step: Step) -> None:
    assert isinstance(step, Named)
    for name, node in step.entries:
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def _parted(
    steps: Sequence[Step], synced: dict[int, int], order: str
) -> tuple[set[int], list[int]]:
    """Which steps of names are on the disk, and which may be."""
    sure: set[int] = set()
    open_: list[int] = []
    last = max(synced.values(), default=-1)
    for number, step in enumerate(steps):
        if isinstance(step, Named):
            folders = [last] if order == "journal" else [
                synced.get(folder, -1) for (folder, _), _ in step.entries
            ]  # fmt: skip
            if max(folders) > number:
                sure.add(number)
            else:
                open_.append(number)
    return sure, open_


def _chosen(open_: Sequence[int], chance: Random) -> Iterator[tuple[int, set[int]]]:
    """Sets of unsynced steps, with how far-fetched they are."""
    every = set(open_)
    yield 0, set()
    yield 0, every
    for place, number in enumerate(open_):
        yield 1, every - {number}
        yield 1, {number}
        yield 2, set(open_[:place])
    if len(open_) <= _ALL_WAYS:
        for bits in range(1, 2 ** len(open_) - 1):
            yield 2, {number for place, number in enumerate(open_) if bits >> place & 1}
        return
    for _ in range(_CHANCES):
        share = chance.random()
        yield 2, {number for number in open_ if chance.random() < share}


def _closed(
    steps: Sequence[Step], open_: Sequence[int], chosen: Collection[int], order: str
) -> set[int]:
    """Those of the chosen steps that need none that is missing."""
    missing: set[Name] = set()
    closed: set[int] = set()
    for number in open_:
        step = steps[number]
        assert isinstance(step, Named)
        names = {name for name, _ in step.entries}
        if number in chosen and (order == "any" or not names & missing):
            closed.add(number)
        elif order == "journal":
            break
        else:
            missing |= names
    return closed


def _damaged(
    nodes: Sequence[int], torn: dict[int, list[bytes]], chance: Random
) -> Iterator[dict[int, bytes]]:
    """What unsynced files may hold: all the same way, one of them damaged, and by chance."""
    ways = range(len(_DAMAGE))
    for way in ways:
        yield {node: torn[node][way] for node in nodes}
    if len(nodes) > 1:
        for node in nodes:
            for way in ways[1:]:
                yield {node: torn[node][way]}
        yield {node: chance.choice(torn[node]) for node in nodes}


def lay(tree: Tree, root: Path, long_ago: int) -> None:
    """Make a tree as real files, all of them last touched at `long_ago` (nanoseconds)."""
    root.mkdir(parents=True)
    for path, data in sorted(tree.items()):
        if data is None:
            (root / path).mkdir()
        else:
            (root / path).write_bytes(data)
    for path in [*tree, "."]:
        os.utime(root / path, ns=(long_ago, long_ago))
