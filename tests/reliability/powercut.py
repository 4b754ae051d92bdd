"""Cut the power after each step of an operation, and look at everything the disk may then hold.

What the storage asks of the system is recorded into the model of `disk.py`, from the moment when
a person had written the files by hand: what earlier commits left to the system is at risk, too.
After each cut a reader sees the old files or the new ones, the new ones if the commit was
acknowledged; the next operation works and leaves nothing lying about; and every commit that was
acknowledged is in the history with what it replaced.

By hand: python tests/reliability/powercut.py [--operations …] [--starts …] [--order names]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, os.path.dirname(__file__))

import memories
from calls import Call, Do, Hook
from disk import ORDERS, Disk, Tree, lay
from faults import STARTS as CRASHES
from faults import quiet
from memories import NEXT

from agent_memory.core.history import EXTERNAL, FOUND, Record
from agent_memory.errors import NotFoundError

_CLOSELY = 6  # cuts of a sample at which not only the nearest states are looked at
_HERE = -100  # AT_FDCWD


class _DeathError(BaseException):
    """The process is gone."""


# -- recording ----------------------------------------------------------------------------------


class Recorder:
    """A hook that keeps what was done to the files below a disk's root."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._handles: dict[int, str] = {}
        self._nodes: dict[int, int] = {}

    def __call__(self, call: Call, do: Do) -> Any:
        if call.name == "close":
            self._handles.pop(call.args[0], None)
            self._nodes.pop(call.args[0], None)
        note = getattr(self, f"_{call.name}", None)
        before = self._disk.node(self._path(call, 0)) if call.name == "open" else None
        got = do()
        if note is not None:
            note(call, got, before) if call.name == "open" else note(call, got)
        return got

    def _path(self, call: Call, place: int, option: str = "dir_fd") -> str:
        folder = call.options.get(option)
        above = "" if folder is None else self._handles[folder]
        return os.path.join(above, os.fsdecode(call.args[place]))

    def _open(self, call: Call, handle: int, before: int | None) -> None:
        path = self._path(call, 0)
        self._handles[handle] = path
        if before is None and call.args[1] & os.O_CREAT:
            self._disk.make(path)
        node = self._disk.node(path)
        if node is not None:
            self._nodes[handle] = node

    def _write(self, call: Call, count: int) -> None:
        if call.args[0] in self._nodes:
            self._disk.write(self._nodes[call.args[0]], bytes(call.args[1][:count]))

    def _fsync(self, call: Call, _: Any) -> None:
        if call.args[0] in self._nodes:
            self._disk.sync(self._nodes[call.args[0]])

    def _mkdir(self, call: Call, _: Any) -> None:
        self._disk.make(self._path(call, 0), folder=True)

    def _unlink(self, call: Call, _: Any) -> None:
        self._disk.remove(self._path(call, 0))

    _rmdir = _unlink

    def _rename(self, call: Call, _: Any) -> None:
        self._disk.move(self._path(call, 0, "src_dir_fd"), self._path(call, 1, "dst_dir_fd"))

    _replace = _rename

    def _link(self, call: Call, _: Any) -> None:
        self._disk.link(self._path(call, 0, "src_dir_fd"), self._path(call, 1, "dst_dir_fd"))

    def _renameat2(self, call: Call, result: int) -> None:
        here, source, folder, name, flag = call.args
        assert here == _HERE
        if result == 0:
            do = self._disk.exchange if flag == 2 else self._disk.move
            do(os.fsdecode(source), os.path.join(self._handles[folder], os.fsdecode(name)))


# -- what may come of it ------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """Files that may be there afterwards, and whose commits the history then tells of."""

    files: dict[str, bytes]
    actors: frozenset[str]


@dataclass
class Story:
    """What was recorded on a disk. From the step `begun` on the power is cut; the outcomes in
    `old` are allowed until the last step, those in `new` always.
    """

    disk: Disk
    begun: int
    old: list[Outcome]
    new: list[Outcome]

    def allowed(self, length: int) -> list[Outcome]:
        """The outcomes that are right when the power is cut after so many steps."""
        acknowledged = length == len(self.disk.steps)
        return self.new if acknowledged else self.old + self.new

    def at(self, length: int) -> str:
        """Where in the operation a cut is, in words."""
        steps = self.disk.steps
        last = self.disk.said(steps[length - 1]) if length else "nothing"
        return f"step {length - self.begun} of {len(steps) - self.begun} ({last})"


STARTS = (*CRASHES, "after a power cut")


def recorded(
    work: Path, operation: str, start: str, chance: Random, hooks: Sequence[Hook] = ()
) -> Story:
    """Do an operation, and before it what its start asks for (one of `STARTS`)."""
    root = work / "memory"
    memories.make(root, history=False)
    disk = Disk(root)
    recorder = Recorder(disk)
    old = [Outcome(memories.visible(root), frozenset())]
    if start != "the first commit":
        with quiet(*hooks, recorder):
            memories.opened(root, "first").remember("the first entry of all")
        old = [Outcome(memories.visible(root), frozenset(["first"]))]
    if start.startswith("after a"):
        old.append(_result(work, root, old[0], "crashed", memories.move_files))
    if start == "after a crash":
        with quiet(*hooks, recorder, _dying()), suppress(_DeathError):
            memories.move_files(root)
        assert memories.visible(root) not in [outcome.files for outcome in old]
    if start == "after a power cut":
        begun = len(disk.steps)
        with quiet(*hooks, recorder):
            memories.move_files(root)
        shutil.rmtree(root)
        lay(_half_done(Story(disk, begun, old, []), chance), root, memories.LONG_AGO)
        disk = Disk(root)
        recorder = Recorder(disk)
    perform = partial(memories.perform, operation)
    new = [_result(work, _laid(work, outcome), outcome, "doomed", perform) for outcome in old]
    begun = len(disk.steps)
    with quiet(*hooks, recorder):
        memories.perform(operation, root)
    shutil.rmtree(root)
    return Story(disk, begun, old, new)


def _half_done(story: Story, chance: Random) -> Tree:
    """A state in which a power cut left an operation half done."""
    outcomes = [outcome.files for outcome in story.old]
    trees = [tree for _, tree in _states(story, ORDERS[0], 0, chance)]
    return chance.choice([tree for tree in trees if _visible(tree) not in outcomes])


def _visible(tree: Tree) -> dict[str, bytes]:
    state = ".agent-memory/"
    return {p: d for p, d in tree.items() if d is not None and not p.startswith(state)}


def _laid(work: Path, outcome: Outcome) -> Path:
    """A memory with the files of an outcome and no history."""
    root = work / "laid"
    shutil.rmtree(root, ignore_errors=True)
    for path, data in outcome.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def _result(
    work: Path, root: Path, before: Outcome, actor: str, act: Callable[[Path], object]
) -> Outcome:
    """What an act comes to where nothing goes wrong."""
    clean = work / "clean"
    shutil.copytree(root, clean)
    with quiet():
        act(clean)
    after = Outcome(memories.visible(clean), before.actors | {actor})
    assert after.files != before.files
    shutil.rmtree(clean)
    return after


def _dying(exchanges: int = 2) -> Hook:
    """A hook: the process dies at the n-th file that it puts in place, and does nothing more."""
    left = exchanges

    def hook(call: Call, do: Do) -> Any:
        nonlocal left
        left -= call.name in ("renameat2", "replace")
        if left <= 0 and call.changes:
            raise _DeathError
        return do()

    return hook


# -- looking at every state ---------------------------------------------------------------------


@dataclass
class Tally:
    """How many states of the disk were looked at, and what was wrong with them."""

    operation: str
    start: str
    states: int = 0
    problems: list[str] = field(default_factory=list)


def hunt(
    work: Path, operation: str, start: str = "a later commit", order: str = "names",
    most: int = 0, hooks: Sequence[Hook] = (), seed: int = 0,
) -> Tally:  # fmt: skip
    """Cut the power after each step of an operation, and look at what may be left.

    With `most`, only about so many states: those in which nothing or all of what was not synced
    is there, and a sample of the others. `order` is one of `ORDERS`; `hooks` may switch something
    off; another `seed` is another sample, and starts "after a power cut" from another state.
    """
    chance = Random(f"{operation} {start} {order} {seed}")
    story = recorded(work, operation, start, chance, hooks)
    tally = Tally(operation, start)
    for length, tree in _states(story, order, most, chance):
        root = work / "memory"
        lay(tree, root, memories.LONG_AGO)
        tally.states += 1
        where = f"{operation}, {start}, cut after {story.at(length)}"
        tally.problems += [f"{where}: {problem}" for problem in _examined(root, story, length)]
        shutil.rmtree(root)
    return tally


def _states(story: Story, order: str, most: int, chance: Random) -> Iterator[tuple[int, Tree]]:
    """The states to look at, each once for what is allowed in it, with the number of steps."""
    found: list[list[tuple[int, Tree]]] = [[], [], []]
    known: set[tuple[bool, frozenset[tuple[str, bytes | None]]]] = set()
    end = len(story.disk.steps)
    lengths = range(story.begun, end + 1)
    closely = lengths if not most else {end, *chance.sample(lengths, min(len(lengths), _CLOSELY))}
    for length in lengths:
        farthest = 2 if length in closely else 0
        for far, tree in story.disk.cuts(length, order, chance, farthest):
            key = length == end, frozenset(tree.items())
            if key not in known:
                known.add(key)
                found[far].append((length, tree))
    yield from found[0]
    left = most - len(found[0])
    for states, room in ((found[1], left // 2), (found[2], left - left // 2)):
        yield from chance.sample(states, min(len(states), max(0, room))) if most else states


def _examined(root: Path, story: Story, length: int) -> Iterator[str]:
    """What is wrong with a state, now, after the next operation, and after an undo."""
    allowed = story.allowed(length)
    with quiet():
        seen = memories.read(root)
    before = [outcome for outcome in allowed if outcome.files == seen]
    if not before:
        yield f"readers see {_differing(seen, allowed)} wrong"
    with quiet():
        try:
            memories.do_next(root)
        except Exception as error:  # any is one too many
            yield f"the next operation raised {error!r}"
            return
        lying = memories.visible(root)
        history = list(memories.opened(root)._storage.history())
    files = {path: data for path, data in lying.items() if path not in NEXT}
    after = [outcome for outcome in allowed if outcome.files == files]
    if not after or files | NEXT != lying:
        yield f"the next operation leaves {_differing(files, allowed)} wrong"
        return
    if before and not before[0].actors <= after[0].actors:
        yield "what readers saw is taken back"
    told = {record.commit.actor for record in history} - {"next", EXTERNAL}
    if told != after[0].actors:
        yield f"the history tells of {sorted(told)}, not of {sorted(after[0].actors)}"
    for record in history:
        yield from _untold(record)
    left = memories.litter(root, folders=False)  # an empty folder does no harm
    if left:
        yield f"the next operation leaves {left}"
    if "doomed" in told:
        yield from _not_undone(root, story.old[story.new.index(after[0])], history)


def _not_undone(root: Path, old: Outcome, history: Sequence[Record]) -> Iterator[str]:
    """What is wrong when the commit is undone.

    Of a commit of a single file the new version may be gone: that is to be said.
    """
    (commit,) = (record.commit for record in history if record.commit.actor == "doomed")
    with quiet():
        try:
            memories.opened(root).undo()
        except NotFoundError as error:
            if len(commit.changed) > 1:
                yield f"undo: {error}"
            return
        except Exception as error:  # any is one too many
            yield f"undo raised {error!r}"
            return
        lying = memories.visible(root)
        undone = next(iter(memories.opened(root)._storage.history()))
    if lying != old.files | NEXT:
        yield f"undo leaves {_differing(lying, [old])} wrong"
    yield from _untold(undone)


def _untold(record: Record) -> Iterator[str]:
    """What the history should hold of a commit and does not.

    Of a single file the disk may forget the new version, and of those found at first all, as the
    files hold the same.
    """
    commit = record.commit
    if commit.operation == EXTERNAL:
        yield f"the history says: {commit.message}"
    sides = {"before": record.before, "after": record.after if len(commit.changed) > 1 else {}}
    for side, contents in sides.items() if commit.operation != FOUND else ():
        for path in contents:
            try:
                contents[path]
            except KeyError:
                yield f"{path} {side} the commit of {commit.actor} is lost"


def _differing(found: dict[str, bytes], allowed: Sequence[Outcome]) -> list[str]:
    nearest = min((o.files for o in allowed), key=lambda files: len(files.items() ^ found.items()))
    return sorted({path for path, _ in nearest.items() ^ found.items()})


# -- by hand ------------------------------------------------------------------------------------


def one(order: str, most: int, way: tuple[str, str]) -> Tally:
    """One hunt in a process of the pool."""
    with tempfile.TemporaryDirectory() as work:
        return hunt(Path(work).resolve(), *way, order, most)


def main() -> int:
    """Hunt, print the table, and say by the exit code whether all is well."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--operations", nargs="*", default=list(memories.OPERATIONS))
    parser.add_argument("--starts", nargs="*", default=list(STARTS))
    parser.add_argument("--order", choices=ORDERS, default=ORDERS[0])
    parser.add_argument("--most", type=int, default=0, help="states of an operation and a start")
    chosen = parser.parse_args()
    begun = time.monotonic()
    ways = list(product(chosen.operations, chosen.starts))
    states = problems = 0
    print(f"{'operation':12}{'start':20}{'states':>8}{'problems':>10}")
    with ProcessPoolExecutor() as pool:
        for tally in pool.map(partial(one, chosen.order, chosen.most), ways):
            found = len(tally.problems)
            states, problems = states + tally.states, problems + found
            print(f"{tally.operation:12}{tally.start:20}{tally.states:8}{found:10}", flush=True)
            for problem in tally.problems:
                print(f"  {problem}", file=sys.stderr, flush=True)
    print(f"{states} states, {problems} problems, {time.monotonic() - begun:.0f} seconds")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
