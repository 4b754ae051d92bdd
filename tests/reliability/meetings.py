"""Others who act in the middle of a commit, at a call that is chosen and not left to chance.

A commit is made with somebody beside it, a process of its own, who waits until the commit comes
to a certain call, or waits itself; then the other one acts, and the commit goes on when that is
done. Whatever was acknowledged must stand, once, at the end.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import memories
from beside import Act, Beside, Wait, beside
from calls import Call, Do, Hook, hooked, no_waiting_for_the_disk
from faults import quiet
from filelock import FileLock

from agent_memory import LockTimeoutError
from agent_memory.storage import _fs, lock

LINE = "written by somebody without the lock"


@dataclass(frozen=True)
class Said:
    """What one was told: the texts that it was to save, whether they are, by which commit."""

    texts: tuple[str, ...] = ()
    saved: bool = False
    commit: str = ""
    error: str = ""


# -- who commits --------------------------------------------------------------------------------


def save(root: Path, actor: str = "ours") -> Said:
    """Save an entry in the index and one in a topic, in one commit."""
    texts = (f"{actor} says this in the index", f"{actor} says that in a topic")
    try:
        with memories.opened(root, actor).edit() as draft:
            draft.remember(texts[0])
            draft.remember(texts[1], topic="alpha")
    except LockTimeoutError:
        return Said(texts)
    except Exception as error:  # whatever it is, it is one too many
        return Said(texts, error=f"{actor} was refused: {error!r}")
    assert draft.commit is not None
    return Said(texts, True, draft.commit.id)


def update(root: Path) -> Said:
    """Change an entry near the end of the index."""
    try:
        return Said(("pnpm is the runner now",), True, memories.perform("update", root).id)
    except Exception as error:
        return Said(error=f"the update was refused: {error!r}")


# -- what others do -----------------------------------------------------------------------------


def write_too(root: Path, wait: Wait) -> Said:
    """Make a commit, unless somebody holds the lock just now."""
    with mock.patch.object(lock, "locked", partial(lock.locked, timeout=0)), quiet():
        return save(root, "the other")


def delete_the_lock_and_write(root: Path, wait: Wait) -> Said:
    """Delete the lock file, as a cleaning script may, and make a commit."""
    (root / ".agent-memory" / "lock").unlink(missing_ok=True)
    return write_too(root, wait)


def delete_the_state_and_write(root: Path, wait: Wait) -> Said:
    """Delete all of our state, and make a commit."""
    shutil.rmtree(root / ".agent-memory", ignore_errors=True)
    return write_too(root, wait)


def write_with_a_deleted_lock(root: Path, wait: Wait) -> Said:
    """Lock a file that is deleted in that moment, and make a commit later."""
    acquire = FileLock.acquire
    first = iter([True])

    def acquired(file: Any) -> Any:
        proxy = acquire(file)
        if next(first, False):
            (root / ".agent-memory" / "lock").unlink()
            wait(None)
        return proxy

    with mock.patch.object(FileLock, "acquire", acquired):
        return write_too(root, wait)


def append(root: Path, wait: Wait) -> Said:
    """Add a line to the index, as `echo >>` does."""
    with (root / "MEMORY.md").open("a", encoding="utf-8") as file:
        file.write(f"- {LINE}\n")
    return Said((LINE,), True)


def append_late(root: Path, wait: Wait) -> Said:
    """Open the index now and add a line later."""
    with (root / "MEMORY.md").open("a", encoding="utf-8") as file:
        wait(None)
        file.write(f"- {LINE}\n")
    return Said((LINE,), True)


def overwrite(root: Path, wait: Wait) -> Said:
    """Empty the index and fill it anew, with a stop half way."""
    text = (root / "MEMORY.md").read_text(encoding="utf-8") + f"- {LINE}\n"
    half = text.index("## Notes")
    with (root / "MEMORY.md").open("w", encoding="utf-8") as file:
        file.write(text[:half])
        file.flush()
        wait(None)
        file.write(text[half:])
    return Said((LINE,), True)


def take_away(root: Path, wait: Wait) -> Said:
    """Remove the index and make it anew, with a stop between, as version control does."""
    text = (root / "MEMORY.md").read_text(encoding="utf-8")
    (root / "MEMORY.md").unlink()
    wait(None)
    try:
        with (root / "MEMORY.md").open("x", encoding="utf-8") as file:
            file.write(f"{text}- {LINE}\n")
    except FileExistsError as error:
        return Said(error=f"whoever took the index away could not bring it back: {error}")
    return Said((LINE,), True)


# -- when ---------------------------------------------------------------------------------------


def changes(call: Call) -> bool:
    """Any call that changes something."""
    return call.changes


def turns(call: Call) -> bool:
    """The calls that a commit turns on: the intent, each file's change of place, the record."""
    names = [os.path.basename(arg) for arg in call.args[:2] if isinstance(arg, str)]
    return exchanges(call) or (call.name == "rename" and "intent.json" in names)


def begins(call: Call) -> bool:
    """The intent gets its name."""
    return call.name == "rename" and str(call.args[1]).endswith("intent.json")


def exchanges(call: Call) -> bool:
    """A file and its new version change places."""
    return call.name == "renameat2"


# -- the harnesses ------------------------------------------------------------------------------


def meet(
    work: Path, act: Act, at: Callable[[Call], bool], hooks: Sequence[Hook] = (),
    *, step: int = 1, ahead: bool = False, forgets: bool = False,
) -> Iterator[str]:  # fmt: skip
    """What is wrong after a commit in which somebody acts before the n-th such call, for every n.

    Args:
        work: an empty folder.
        act: what the other one does.
        at: which calls of the commit are meant.
        hooks: outermost around the commit.
        step: act at every so many of these calls only.
        ahead: the other one begins before the commit does, and goes on at the call.
        forgets: the other one deletes the history.
    """
    _make(work / "origin")
    for number in range(1, 10_000, step):
        root = _copied(work)
        with beside(root, act) as other:
            if ahead:
                other.go()
            meeting = _Meeting(other, number, at)
            with quiet(*hooks, meeting):
                ours = save(root)
        if meeting.call is None:
            assert number > 1, "no such call was made"
            return
        for problem in _wrong(root, [ours, meeting.said], forgets=forgets):
            yield f"at {number} {meeting.call}: {problem}"


def wait_for(
    work: Path, act: Act, ours: Callable[[Path], Said], hooks: Sequence[Hook] = ()
) -> Iterator[str]:
    """What is wrong after a commit that begins when somebody is half way.

    The other one goes on when the commit waits, or else when it is done.
    """
    _make(work / "origin")
    root = _copied(work)
    with beside(root, act) as other:
        said: list[Said] = []
        other.go()

        def pause(_: float) -> None:
            if (last := other.go()) is not None:
                said.append(last)

        with hooked(*hooks, no_waiting_for_the_disk), mock.patch.object(_fs, "pause", pause):
            told = ours(root)
        pause(0)
    yield from _wrong(root, [told, *said])


def write_late(work: Path, hooks: Sequence[Hook] = ()) -> Iterator[str]:
    """What is wrong when somebody writes after a commit into what was opened before it."""
    _make(work / "origin")
    root = _copied(work)
    with beside(root, append_late) as other:
        other.go()
        with quiet(*hooks):
            ours = save(root)
        theirs = other.go()
    yield from _wrong(root, [ours, theirs])


def look_on(work: Path, hooks: Sequence[Hook] = ()) -> Iterator[str]:
    """What a reader is served that is neither the state before a commit nor the one after it."""
    _make(work / "origin")
    root = _copied(work)
    old = memories.visible(root)
    seen: dict[str, dict[str, bytes]] = {}
    with beside(root, _read_on) as other:
        other.go()

        def looking(call: Call, do: Do) -> Any:
            if call.changes:
                seen[f"before {len(seen)} {call}"] = other.go()
            return do()

        with quiet(*hooks, looking):
            memories.perform("rename", root)
    new = memories.visible(root)
    yield from (f"{when}: files of two states" for when, files in seen.items()
                if files not in (old, new))  # fmt: skip


def _read_on(root: Path, wait: Wait) -> None:
    files: dict[str, bytes] = {}
    with mock.patch.object(_fs, "pause"):
        while wait(files):
            files = memories.read(root)


def _make(origin: Path) -> None:
    with quiet():
        memories.make(origin)


def _copied(work: Path) -> Path:
    root = work / "memory"
    shutil.rmtree(root, ignore_errors=True)
    return Path(shutil.copytree(work / "origin", root))


class _Meeting:
    """A hook that lets somebody act before the n-th call of a kind."""

    def __init__(self, other: Beside, number: int, at: Callable[[Call], bool]) -> None:
        self._other = other
        self._left = number
        self._at = at
        self.call: Call | None = None
        self.said = Said()

    def __call__(self, call: Call, do: Do) -> Any:
        if self._at(call):
            self._left -= 1
            if self._left == 0:
                self.call = call
                self.said = self._other.go()
        return do()


def _wrong(root: Path, said: Sequence[Said], *, forgets: bool = False) -> Iterator[str]:
    """What is not as all were told, after one more commit, which brings in what came late."""
    yield from (one.error for one in said if one.error)
    with quiet():
        memories.do_next(root)
        memory = memories.opened(root)
        standing = Counter(entry.text for entry in memory.entries())
        recorded = Counter(record.commit.id for record in memory._storage.history())
    for one in said:
        for text in one.texts:
            if standing[text] != int(one.saved):
                yield f"{text!r} stands {standing[text]} times"
        if one.commit and not forgets and recorded[one.commit] != 1:
            yield f"the history has {one.commit} {recorded[one.commit]} times"
    yield from (f"{path} is left" for path in memories.litter(root))
