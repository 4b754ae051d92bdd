"""Let the n-th call to the operating system fail, for n = 1, 2, 3 … until none is left to fail.

After each failure the files are as they were, or as the operation makes them; success means the
latter; the next operation works and leaves nothing lying about.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import memories
from calls import Call, Do, Hook, hooked, no_waiting_for_the_disk, refuse
from memories import NEXT

from agent_memory.errors import AgentMemoryError
from agent_memory.storage import _fs
from agent_memory.storage.journal import Journal

DIED = 9
_BY_PATH = {
    "chmod", "chown", "fcntl", "getxattr", "link", "listdir", "listxattr", "lstat", "mkdir",
    "open", "rename", "renameat2", "replace", "rmdir", "scandir", "setxattr", "stat", "unlink",
}  # fmt: skip


@dataclass
class Fault:
    """The n-th call of those that this fault befalls; `met` is that call, once it was made."""

    kind: str
    number: int
    root: Path
    met: Call | None = None
    _left: int = field(init=False)
    _full: bool = False

    def __post_init__(self) -> None:
        self._left = self.number

    def __call__(self, call: Call, do: Do) -> Any:
        befalls, act = KINDS[self.kind]
        if self._full and call.name == "write":
            self._full = False
            return refuse(call, errno.ENOSPC)
        if not befalls(call) or self._is_above(call):
            return do()
        self._left -= 1
        lasting = self.kind.endswith("for good")
        if self._left == 0 or (self._left < 0 and lasting):
            self.met = self.met or call
            return act(self, call, do)
        return do()

    def _is_above(self, call: Call) -> bool:
        """Whether it only looks at the folders above the memory, as `realpath` does."""
        return call.name == "lstat" and not str(call.args[0]).startswith(str(self.root))


def _die_before(fault: Fault, call: Call, do: Do) -> Any:
    os._exit(DIED)


def _die_after(fault: Fault, call: Call, do: Do) -> Any:
    try:
        do()
    finally:
        os._exit(DIED)


def _die_writing(fault: Fault, call: Call, do: Do) -> Any:
    handle, data = call.args
    os.write(handle, data[: len(data) // 2])
    os._exit(DIED)


def _write_half(fault: Fault, call: Call, do: Do) -> Any:
    handle, data = call.args
    fault._full = True
    return os.write(handle, data[: len(data) // 2])


def _error(number: int) -> Callable[[Fault, Call, Do], Any]:
    def act(fault: Fault, call: Call, do: Do) -> Any:
        if call.name == "close":  # Linux closes the handle, whatever it says
            do()
        return refuse(call, number)

    return act


def _takes_room(call: Call) -> bool:
    return call.changes and call.name not in ("chmod", "chown", "unlink", "rmdir")


def _writes(call: Call) -> bool:
    return call.name == "write"


_Act = Callable[[Fault, Call, Do], Any]
KINDS: dict[str, tuple[Callable[[Call], bool], _Act]] = {
    "KILL before": (lambda call: True, _die_before),
    "KILL after": (lambda call: call.changes, _die_after),
    "KILL in a write": (_writes, _die_writing),
    "ENOSPC": (_takes_room, _error(errno.ENOSPC)),
    "EIO": (lambda call: True, _error(errno.EIO)),
    "EIO for good": (lambda call: True, _error(errno.EIO)),
    "EINTR": (lambda call: True, _error(errno.EINTR)),
    "short write": (_writes, _write_half),
    "EACCES": (lambda call: call.name in _BY_PATH, _error(errno.EACCES)),
}
"""Each kind of fault: which calls it befalls, and what becomes of them."""


@dataclass
class Outcome:
    """How an operation ended under a fault."""

    fault: Fault
    commit: str = ""
    error: BaseException | None = None
    died: bool = False


@dataclass
class Tally:
    """How many faults were met, and what was wrong after them."""

    operation: str
    kind: str
    faults: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Expected:
    """What may be there: one of the states before, or what the operation makes of it."""

    old: list[dict[str, bytes]]
    new: list[dict[str, bytes]]


def hunt(
    work: Path, operation: str, kind: str, start: str = "a later commit", step: int = 1,
    hooks: Sequence[Hook] = (),
) -> Tally:  # fmt: skip
    """Let every `step`-th call of an operation fail, and look at what that leaves.

    `start` is one of `STARTS`; `hooks` are outermost: they may switch something off.
    """
    origin = work / "origin"
    expected = started(origin, work / "clean", operation, start, hooks)
    tally = Tally(operation, kind)
    for number in range(1, 100_000, step):
        root = copied(origin, work / "memory")
        outcome = _run(operation, root, Fault(kind, number, root), hooks)
        if not outcome.died and outcome.fault.met is None:
            break
        tally.faults += 1
        where = f"{operation} {start}, {kind} at {number} {outcome.fault.met or ''}"
        tally.problems += [f"{where}: {problem}" for problem in examined(root, expected, outcome)]
    for path in (origin, work / "clean", work / "memory"):
        shutil.rmtree(path)
    return tally


STARTS = ("the first commit", "a later commit", "after a crash")


def started(
    origin: Path, clean: Path, operation: str, start: str, hooks: Sequence[Hook]
) -> Expected:
    """Make the memory that an operation begins with, and tell what it comes to."""
    with quiet():
        memories.make(origin, history=start != "the first commit")
    expected = Expected([], [])
    _expect(expected, origin, clean, operation, hooks)
    if start == "after a crash":
        _crash(origin)
        assert memories.visible(origin) not in expected.old
        with quiet():
            Journal(str(origin), str(origin / ".agent-memory")).recover()
        assert memories.visible(origin) not in expected.old
        _expect(expected, origin, clean, operation, hooks)
        with quiet():
            memories.make(_emptied(origin))
        _crash(origin)
    return expected


def _emptied(path: Path) -> Path:
    shutil.rmtree(path)
    return path


def _expect(
    expected: Expected, origin: Path, clean: Path, operation: str, hooks: Sequence[Hook]
) -> None:
    expected.old.append(memories.visible(origin))
    with quiet(*hooks):
        memories.perform(operation, copied(origin, clean))
    expected.new.append(memories.visible(clean))
    assert expected.old[-1] != expected.new[-1]


def _crash(root: Path) -> None:
    """Let somebody die who has changed one of several files."""
    exchanges = iter(range(1, 1000))

    def dying(call: Call, do: Do) -> Any:
        if call.name in ("renameat2", "replace") and next(exchanges) == 2:
            os._exit(DIED)
        return do()

    assert in_a_child(lambda: memories.move_files(root), [dying]) == DIED


def in_a_child(act: Callable[[], object], hooks: Sequence[Hook]) -> int:
    child = os.fork()
    if not child:
        code = 1
        try:
            with quiet(*hooks):
                act()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@contextmanager
def quiet(*hooks: Hook) -> Iterator[None]:
    """The storage under these hooks, with nothing waited for."""
    with (
        mock.patch.object(_fs, "pause"),
        hooked(*hooks, no_waiting_for_the_disk),
    ):
        yield


def copied(origin: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(origin, target)
    return target


def _run(operation: str, root: Path, fault: Fault, hooks: Sequence[Hook]) -> Outcome:
    """Do it under the fault, in a process of its own where that is going to die."""
    if fault.kind.startswith("KILL"):
        code = in_a_child(lambda: memories.perform(operation, root), [*hooks, fault])
        assert code in (0, DIED), f"{operation} ends with {code} where nothing fails"
        return Outcome(fault, died=code == DIED)
    outcome = Outcome(fault)
    with quiet(*hooks, fault):
        try:
            outcome.commit = memories.perform(operation, root).id
        except Exception as error:  # whatever it is, it is judged below
            outcome.error = error
    return outcome


def examined(root: Path, expected: Expected, outcome: Outcome) -> Iterator[str]:
    """What is wrong after a fault, now and after the next operation."""
    error, met = outcome.error, outcome.fault.met
    with quiet():
        seen = memories.read(root)
        lying = memories.visible(root)
    half = "half way" in getattr(error, "hint", "")
    if error is not None and not isinstance(error, AgentMemoryError):
        yield f"it raised {error!r}"
    if error is not None and not half and seen not in expected.old:
        yield f"it failed ({error}), and {_differing(seen, expected.old)} changed"
    if error is not None and not half and len(expected.old) == 1 and lying != seen:
        yield f"it failed ({error}), and {_differing(lying, [seen])} lies there"
    if seen not in expected.old + expected.new:
        yield f"readers see neither the old state nor the new in {_differing(seen, expected.old)}"
    if outcome.commit and lying not in expected.new:
        yield f"it was acknowledged, and {_differing(lying, expected.new)} is not as it should be"
    if outcome.commit and met and met.name == "fsync":
        yield "it was acknowledged after a failed fsync"
    yield from _after_next(root, expected, outcome, half)


def _after_next(root: Path, expected: Expected, outcome: Outcome, half: bool) -> Iterator[str]:
    with quiet(_only_new_files):
        try:
            memories.do_next(root)
        except Exception as error:  # any is one too many
            yield f"the next operation raised {error!r}"
            return
        lying = memories.visible(root)
        actors = memories.actors(root)
    allowed: list[dict[str, bytes]] = []
    if not outcome.commit:
        allowed += expected.old
    if half or not outcome.error:
        allowed += expected.new
    files = {path: data for path, data in lying.items() if path not in NEXT}
    if files not in allowed or files | NEXT != lying:
        yield f"the next operation leaves {_differing(lying, allowed)} wrong"
        return
    is_new = files in expected.new
    which = (expected.new if is_new else expected.old).index(files)
    if ("doomed" in actors, "crashed" in actors) != (is_new, bool(which)):
        yield f"the history says {actors}"
    # An empty folder may be left where its removal is what failed; it does no harm.
    left = memories.litter(root, folders=outcome.died)
    if left:
        yield f"the next operation leaves {left}"


def _only_new_files(call: Call, do: Do) -> Any:
    """A hook: nobody writes into a file that a failed try has left."""
    assert not call.opens_for_writing or call.args[1] & os.O_EXCL, call
    return do()


def _differing(found: dict[str, bytes], expected: list[dict[str, bytes]]) -> list[str]:
    nearest = min(expected, key=lambda files: len(files.items() ^ found.items()))
    return sorted({path for path, _ in nearest.items() ^ found.items()} - set(NEXT))
