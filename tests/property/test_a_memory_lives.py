"""Law: whatever happens to a memory, in whatever order, it holds what a dictionary would hold.

Verbs, edits of several verbs, undo and restore, other people's hands, and deaths at any call to
the operating system follow each other. `plain.py` tells what each verb must come to.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from calls import Call as SystemCall
from calls import Do, Hook
from faults import DIED, Fault, in_a_child, quiet
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from memories import age, litter, opened
from plain import (
    INDEX,
    Call,
    Files,
    all_of,
    come_to,
    entries,
    forget,
    heard,
    links_to,
    lying,
    move,
    page,
    remember,
    remove,
    rename,
    rows,
    said,
    section_of,
    update,
    write,
)

from agent_memory import AgentMemoryError, Commit, ConflictError, Memory

PATHS = (INDEX, "alpha.md", "beta.md", "deep/gamma.md", "delta.md")
paths = st.sampled_from(PATHS)
topics = st.sampled_from(PATHS[1:])
texts = st.integers(0, 29).map("fact number {:02} is".format)
several = st.lists(texts, max_size=4, unique=True)
numbers = st.integers(0, 99)
targets = st.none() | topics

Make = Callable[[Files, Memory], Call]
"""A call, once it is known what there is."""


def _entry(memory: Memory, files: Files, number: int) -> tuple[str, str]:
    """Some entry that a reader sees, and its id."""
    found = [entry for entry in memory.entries() if "](" not in entry.text]
    if not found:
        return "fact number 99 is", "0123456789"
    entry = found[number % len(found)]
    return entry.text, entry.id


verbs: st.SearchStrategy[Make] = st.one_of(
    st.builds(
        lambda text, topic, section: lambda files, memory: remember(text, topic, section),
        texts, targets, st.sampled_from([None, None, "Style", "Notes"]),
    ),
    st.builds(
        lambda number, text: lambda files, memory: update(*_entry(memory, files, number), text),
        numbers, texts,
    ),
    st.builds(
        lambda number, topic: lambda files, memory: move(*_entry(memory, files, number), topic),
        numbers, topics,
    ),
    st.builds(
        lambda number: lambda files, memory: forget(_entry(memory, files, number)[0]), numbers
    ),
    st.builds(lambda text: lambda files, memory: forget(text), texts),
    st.builds(
        lambda path, lines, target: lambda files, memory: write(path, page("Page", lines, target)),
        topics, several, targets,
    ),
    st.builds(lambda old, new: lambda files, memory: rename(old, new), topics, topics),
    st.builds(lambda path: lambda files, memory: remove(path), topics),
)  # fmt: skip


Hand = Callable[["Life"], None]
hands: st.SearchStrategy[Hand] = st.one_of(
    st.builds(lambda path, text: lambda life: life.others_append(path, text), paths, texts),
    st.builds(
        lambda path, keep, lines: lambda life: life.others_overwrite(path, keep, lines),
        paths, st.integers(0, 7), several,
    ),
    st.builds(
        lambda path, lines, link: lambda life: life.others_make(path, lines, link),
        paths, several, targets,
    ),
    st.builds(lambda path: lambda life: life.others_delete(path), paths),
    st.builds(lambda old, new: lambda life: life.others_rename(old, new), topics, topics),
)  # fmt: skip


def _topic(files: Files, number: int) -> str:
    """Some topic that there is."""
    found = sorted(files.keys() - {INDEX}) or ["none.md"]
    return found[number % len(found)]


of_many_files: st.SearchStrategy[Make] = st.one_of(
    st.builds(
        lambda number, topic: lambda files, memory: move(*_entry(memory, files, number), topic),
        numbers, topics,
    ),
    st.builds(
        lambda number, new: lambda files, memory: rename(_topic(files, number), new),
        numbers, topics,
    ),
    st.builds(lambda number: lambda files, memory: remove(_topic(files, number)), numbers),
    st.builds(lambda text, topic: lambda files, memory: remember(text, topic, None), texts, topics),
)  # fmt: skip


@dataclass
class Made:
    """A commit that was acknowledged, with all files before and after it."""

    commit: Commit
    before: Files
    after: Files
    changed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.changed = {
            path
            for path in self.before | self.after
            if self.before.get(path) != self.after.get(path)
        }

    @property
    def put(self) -> set[str]:
        """What it put into any file."""
        return self._gained(self.before, self.after)

    @property
    def took(self) -> set[str]:
        """What it took out of any file."""
        return self._gained(self.after, self.before)

    @property
    def put_anything(self) -> bool:
        """Whether it put in an entry, or a row."""
        return bool(self.put) or any(
            rows(self.after[path]) - rows(self.before.get(path)) for path in self.after
        )

    def _gained(self, before: Files, after: Files) -> set[str]:
        return {text for path in after for text in entries(after[path]) - entries(before.get(path))}

    @property
    def is_new(self) -> set[str]:
        """What had not been said anywhere before."""
        return set(all_of(said(self.after))) - set(all_of(said(self.before)))


class Life(RuleBasedStateMachine):
    """One memory, from its making to its end.

    `files` are all the states that it may be in: one, or several after a death, until the next
    writer has put it in order. `doubt` are those that the death itself left open.
    """

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp()).resolve()
        self.root = self.home / "memory"
        self.root.mkdir()
        self.files: list[Files] = [{}]
        self.doubt: list[Files] = []
        self.made: list[Made] = []
        self.recorded: Files | None = {}  # as the newest commit left them; None: not known
        self.deaths = self.outside = 0
        self.ours: set[str] = set()

    def teardown(self) -> None:
        shutil.rmtree(self.home)

    @property
    def now(self) -> Files:
        (files,) = self.files
        return files

    def in_doubt(self) -> bool:
        return bool(self.doubt)

    def is_settled(self) -> bool:
        return not self.in_doubt()

    def has_a_past(self) -> bool:
        return bool(self.made) and self.is_settled()

    # -- the beginning --------------------------------------------------------------------------

    @initialize(found=st.dictionaries(paths, several, min_size=1, max_size=4))
    def begin(self, found: dict[str, list[str]]) -> None:
        for path, lines in found.items():
            self._put(self.root, path, page("Found", lines).encode())
        self.files = [lying(self.root)]
        self.recorded = None

    # -- what agents do -------------------------------------------------------------------------

    @rule(make=verbs | of_many_files, actor=st.sampled_from(["me", "me", "you"]))
    def do(self, make: Make, actor: str) -> None:
        self._does([self._resolved(make)], actor)

    @precondition(is_settled)
    @rule(makes=st.lists(verbs, min_size=2, max_size=4))
    def edit(self, makes: list[Make]) -> None:
        self._does([self._resolved(make) for make in makes], "me")

    @precondition(is_settled)
    @rule(path=paths, lines=several)
    def rewrite(self, path: str, lines: list[str]) -> None:
        if path in self.now:
            with quiet():
                revision = opened(self.root).document(path).revision
            self._does([write(path, page("Written", lines), revision)], "me")
            assert self.now[path] == page("Written", lines).encode()

    @precondition(has_a_past)
    @rule(path=paths, lines=several, base=numbers)
    def write_what_was_read_long_ago(self, path: str, lines: list[str], base: int) -> None:
        known = [made.after for made in self.made if path in made.after]
        if not known or path not in self.now:
            return
        read, ours = known[base % len(known)][path].decode(), page("Written", lines)
        before = self.now
        done = self._attempt(lambda memory: memory.write(path, ours, base=read), "me")
        if isinstance(done, AgentMemoryError):
            assert isinstance(done, ConflictError), done
            assert lying(self.root) == before
            with quiet():
                assert any(c.ours == ours for c in opened(self.root).conflicts())
            return
        was, now = entries(read.encode()), lying(self.root)
        wanted = (entries(before[path]) - was) + (entries(ours.encode()) - was)
        assert not set(wanted) - set(entries(now[path])), "somebody's entry is gone"
        self._acknowledge(done, before)

    def _does(self, calls: list[Call], actor: str) -> None:
        """Do it in one commit, and compare it with what it must come to."""
        note(f"{actor}: {calls}")
        before, was_in_doubt = self.files, self.in_doubt()
        if was_in_doubt:
            done = self._attempt(lambda memory: calls[0].do(memory), actor)
        else:
            stamps = _stamps(self.root)
            done = self._attempt(_together(calls), actor)
        now = lying(self.root)
        matching = [files for files in before if self._fits(calls, files, done, now)]
        assert matching, f"{done} leaves {now}"
        if isinstance(done, AgentMemoryError):
            return
        if was_in_doubt:
            self._adopt(done, matching)
        else:
            if done is None or done.is_empty:
                assert _stamps(self.root) == stamps, "nothing was to be done, and files changed"
                return
            self._acknowledge(done, before[0])
            self._look_at_places(calls, before[0])

    def _fits(self, calls: list[Call], files: Files, done: object, now: Files) -> bool:
        expected = come_to(calls, said(files))
        if isinstance(expected, type):
            return isinstance(done, expected) and (self.in_doubt() or now == files)
        if isinstance(done, AgentMemoryError):
            return False
        return heard(said(now)) == heard(expected)

    def _look_at_places(self, calls: list[Call], before: Files) -> None:
        """What a dictionary of entries does not say: rows that follow, and sections."""
        if len(calls) != 1:
            return
        (call,), now = calls, self.now
        name, _, rest = call.name.partition("(")
        if name == "rename":
            old, new = rest[:-1].split(", ")
            assert links_to(now, old) == 0
            assert links_to(now, new) >= links_to(before, old)
        if name == "remember" and rest[:-1].endswith(("Style", "Notes")):
            text, _, where = rest[:-1].partition("; ")
            path, section = where.split(", ") if ", " in where else (INDEX, where)
            assert section_of(now[path], text) == section

    # -- going back -----------------------------------------------------------------------------

    @precondition(is_settled)
    @rule()
    def undo_the_last(self) -> None:
        standing = [made for made in self._standing() if made.commit.actor == "me"]
        self._undoes(None, standing[0] if standing else None)

    @precondition(has_a_past)
    @rule(number=numbers)
    def undo_any(self, number: int) -> None:
        if self.made:
            made = self.made[number % len(self.made)]
            self._undoes(made.commit.id, made)

    @precondition(has_a_past)
    @rule(number=numbers)
    def restore_any(self, number: int) -> None:
        if not self.made:
            return
        made, before = self.made[number % len(self.made)], self.now
        done = self._attempt(lambda memory: memory.restore(made.commit.id), "me")
        if isinstance(done, AgentMemoryError):
            assert isinstance(done, ConflictError), done
            assert lying(self.root) == before
            return
        # Of a commit that only took something out, that comes back.
        put, took = (made.put, made.took) if made.put_anything else (made.took, set())
        now = all_of(said(lying(self.root)))
        assert not put - set(now), "it is not all there"
        self._nothing_else(before, gone=took, come=put)
        self._acknowledge(done, before)

    @precondition(has_a_past)
    @rule(number=numbers, path=paths)
    def restore_a_file(self, number: int, path: str) -> None:
        if not self.made:
            return
        made, before = self.made[number % len(self.made)], self.now
        wanted = made.after.get(path)
        if path in made.changed and wanted is None:
            wanted = made.before[path]
        done = self._attempt(lambda memory: memory.restore(made.commit.id, path), "me")
        if isinstance(done, AgentMemoryError):
            assert wanted is None, f"{done}, and yet {wanted!r} is known"
            assert lying(self.root) == before
            return
        now = lying(self.root)
        if wanted is None:  # others have made it, and no commit has met it yet: it stays
            assert isinstance(done, Commit)
            assert done.is_empty
            assert now == before
            return
        assert now[path] == wanted
        # A file that comes back is linked from the index again.
        assert _without(now, path, INDEX) == _without(before, path, INDEX)
        self._acknowledge(done, before)

    def _undoes(self, commit_id: str | None, made: Made | None) -> None:
        before = self.now
        done = self._attempt(lambda memory: memory.undo(commit_id), "me")
        now = lying(self.root)
        if made is None:
            assert isinstance(done, AgentMemoryError)
            assert now == before
            return
        note(f"undo {made.commit.message}")
        if all(before.get(path) == made.after.get(path) for path in made.changed):
            assert not isinstance(done, AgentMemoryError), done
            wanted = {p: d for p, d in before.items() if p not in made.changed}
            wanted |= {p: made.before[p] for p in made.changed if p in made.before}
            assert now == wanted, "nobody had changed anything, and it is not as it was"
        elif isinstance(done, AgentMemoryError):
            assert isinstance(done, ConflictError), done
            assert now == before
            return
        else:
            self._nothing_else(before, gone=made.put, come=made.took)
        self._acknowledge(done, before)

    def _nothing_else(self, before: Files, gone: set[str], come: set[str]) -> None:
        was, now = all_of(said(before)), all_of(said(lying(self.root)))
        assert set(was) - set(now) <= gone, "it took out what others said"
        assert set(now) - set(was) <= come, "it said what nobody had said"

    def _standing(self) -> Iterator[Made]:
        """Our commits that are not undone, the newest first; undoing an undo makes one stand."""
        undone: set[str] = set()
        for made in reversed(self.made):
            if made.commit.id in undone:
                continue
            if made.commit.undoes is None:
                yield made
            else:
                undone.add(made.commit.undoes)

    # -- what others do -------------------------------------------------------------------------

    @rule(hand=hands)
    def others_do(self, hand: Hand) -> None:
        hand(self)

    def others_append(self, path: str, text: str) -> None:
        now = lying(self.root)
        if path in now:
            self._others({path: now[path] + f"- {text}\n".encode()})

    def others_overwrite(self, path: str, keep: int, lines: list[str]) -> None:
        now = lying(self.root)
        if path in now:
            kept = [t for n, t in enumerate(sorted(entries(now[path]))) if keep & 1 << n % 3]
            self._others({path: page("Theirs", [*kept, *lines]).encode()})

    def others_make(self, path: str, lines: list[str], link: str | None) -> None:
        if path not in lying(self.root):
            self._others({path: page("Theirs", lines, link).encode()})

    def others_delete(self, path: str) -> None:
        if path in lying(self.root):
            self._others({path: None})

    def others_rename(self, old: str, new: str) -> None:
        now = lying(self.root)
        if old in now and new not in now:
            self._others({new: now[old], old: None})

    @precondition(has_a_past)
    @rule()
    def others_delete_the_state(self) -> None:
        """Deleting the folder loses the history, and no entry."""
        shutil.rmtree(self.root / ".agent-memory", ignore_errors=True)
        self.made, self.recorded, self.ours = [], None, set()
        self.deaths = self.outside = 0

    def _others(self, changes: dict[str, bytes | None]) -> None:
        """Others change files as they lie there, half way through a commit or not."""
        note(f"others: {changes}")
        for path, data in changes.items():
            self._put(self.root, path, data)
        age(self.root)
        self.files = [_changed(files, changes) for files in self.files]
        now = lying(self.root)
        open_paths = {path for files in self.doubt for path in files if self._is_open(path)}
        if all(now.get(p) in [files.get(p) for files in self.doubt] for p in open_paths):
            # What they made is what the commit had found, or makes: it may still be finished.
            for files in self.doubt:
                self.files.append(_changed(now, {p: files.get(p) for p in open_paths}))
        self.outside += 1

    def _is_open(self, path: str) -> bool:
        return len({files.get(path) for files in self.doubt}) > 1

    @staticmethod
    def _put(root: Path, path: str, data: bytes | None) -> None:
        target = root / path
        if data is None:
            target.unlink()
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    # -- deaths ---------------------------------------------------------------------------------

    @precondition(lambda self: hasattr(os, "fork"))
    @rule(
        make=verbs,
        kind=st.sampled_from(["KILL before", "KILL after", "KILL in a write"]),
        number=st.integers(1, 60) | st.integers(1, 300),
    )
    def die(self, make: Make, kind: str, number: int) -> None:
        """Somebody dies at any call."""
        self._dies(make, Fault(kind, number, self.root))

    @precondition(lambda self: hasattr(os, "fork"))
    @rule(make=of_many_files, number=st.integers(2, 4))
    def die_half_way(self, make: Make, number: int) -> None:
        """Somebody dies who has changed some of several files."""
        self._dies(make, _dying_half_way(number))

    def _dies(self, make: Make, hook: Hook) -> None:
        """It is then done, or not done, or will be by the next writer."""
        call = self._resolved(make)
        clone = self.home / "clone" / self.root.name  # a new index has the folder's name
        shutil.copytree(self.root, clone)
        done = self._attempt(call.do, "dead", clone)
        after = lying(clone)
        shutil.rmtree(clone)
        assert any(self._fits([call], files, done, after) for files in self.files)
        code = in_a_child(lambda: _tried(call, self.root), [hook])
        note(f"dead: {call}, {hook}: {code}")
        assert code in (0, DIED)
        age(self.root)
        self.deaths += 1
        if code == 0 and not isinstance(done, AgentMemoryError):
            self.files, self.doubt = [after], []
            assert lying(self.root) == after
            self._settle(None)
        elif after not in self.files and not isinstance(done, AgentMemoryError):
            self.files = self.doubt = [*self.files, after]

    # -- what must be true ----------------------------------------------------------------------

    @invariant()
    def readers_see_it_whole_and_change_nothing(self) -> None:
        stamps = _stamps(self.root, state=True)
        with quiet():
            memory = opened(self.root)
            served = dict(memory._storage.scan().files)
            memory.prompt()
        assert served in self.files, f"a reader sees {served}"
        assert _stamps(self.root, state=True) == stamps, "a reader changed something"
        if self.is_settled() and not self.deaths:
            assert lying(self.root) == self.now

    @invariant()
    def the_history_has_each_commit_once(self) -> None:
        with quiet():
            log = opened(self.root).log(limit=None)
        ids = [commit.id for commit in log]
        assert len(set(ids)) == len(ids)
        ours = [c.id for c in log if c.operation not in ("external", "found") and c.actor != "dead"]
        assert ours[::-1] == [made.commit.id for made in self.made]
        assert sum(commit.actor == "dead" for commit in log) <= self.deaths
        found = sum(commit.operation == "found" for commit in log)
        others = sum(commit.operation == "external" for commit in log)
        assert found <= 1
        assert others <= self.outside

    @precondition(is_settled)
    @invariant()
    def what_others_took_out_is_named(self) -> None:
        with quiet():
            named = {entry.text for entry in opened(self.root).lost()}
        gone = self.ours - set(all_of(said(self.now)))
        assert gone <= named, f"{gone - named} went without a word"
        assert not named & set(all_of(said(self.now)))

    # -- how it is done -------------------------------------------------------------------------

    def _resolved(self, make: Make) -> Call:
        with quiet():
            memory = opened(self.root)
            return make(dict(memory._storage.scan().files), memory)

    def _attempt(
        self, act: Callable[[Memory], object], actor: str, root: Path | None = None
    ) -> Commit | AgentMemoryError | None:
        with quiet():
            try:
                done = act(opened(root or self.root, actor))
            except AgentMemoryError as error:
                return error
        assert done is None or isinstance(done, Commit)
        return done

    def _acknowledge(self, done: Commit | None, before: Files) -> None:
        """A commit is what it says, and is in the history; nothing is left lying about."""
        now = lying(self.root)
        self.files, self.doubt = [now], []
        age(self.root)
        if done is None or done.is_empty:
            assert now == before
            return
        made = Made(done, before, now)
        assert set(done.changed) == made.changed
        with quiet():
            memory = opened(self.root)
            record, log = memory.record(done.id), memory.log(limit=2)
        assert dict(record.before) == {path: before.get(path) for path in made.changed}
        assert dict(record.after) == {path: now.get(path) for path in made.changed}
        assert log[0].id == done.id
        if self.recorded is not None and self.recorded != before:
            assert log[1].operation == "external", "what others did is not recorded"
        assert litter(self.root, folders=False) == []
        self._settle(made)

    def _adopt(self, done: Commit | None, matching: list[Files]) -> None:
        """After a death: the next writer has put it in order."""
        before = matching[0] if len(matching) == 1 else None
        now = lying(self.root)
        self.files, self.doubt = [now], []
        age(self.root)
        if done is None or done.is_empty:
            self._settle(None)
            return
        with quiet():
            record = opened(self.root).record(done.id)
        start = {p: d for p, d in {**now, **record.before}.items() if d is not None}
        assert before is None or start in matching
        assert litter(self.root, folders=False) == []
        self.ours &= set(all_of(said(start)))
        self._settle(Made(done, start, now))

    def _settle(self, made: Made | None) -> None:
        if made is None:  # a death may have taken out, or put back, what it was about
            self.ours &= set(all_of(said(self.now)))
            self.recorded = None
            return
        self.made.append(made)
        self.ours = (self.ours | made.is_new) - (made.took - made.put)
        self.recorded = self.now


def _together(calls: list[Call]) -> Callable[[Memory], object]:
    if len(calls) == 1:
        return lambda memory: calls[0].do(memory)

    def edit(memory: Memory) -> Commit | None:
        with memory.edit() as draft:
            for call in calls:
                call.do(draft)
        return draft.commit

    return edit


def _dying_half_way(number: int) -> Hook:
    """A hook that dies when the n-th file is about to change."""
    changes = iter(range(1, 1000))

    def hook(call: SystemCall, do: Do) -> object:
        if call.name in ("renameat2", "replace") and next(changes) == number:
            os._exit(DIED)
        return do()

    return hook


def _tried(call: Call, root: Path) -> None:
    with suppress(AgentMemoryError):
        call.do(opened(root, "dead"))


def _changed(files: Files, changes: Mapping[str, bytes | None]) -> Files:
    return {path: data for path, data in {**files, **changes}.items() if data is not None}


def _without(files: Files, *paths: str) -> Files:
    return {path: data for path, data in files.items() if path not in paths}


def _stamps(root: Path, state: bool = False) -> dict[str, tuple[int, int, bytes]]:
    """Every file with its inode, time and bytes; with `state`, what we keep beside them, too."""
    return {
        str(path): (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
        for path in root.rglob("*")
        if path.is_file() and (state or ".agent-memory" not in path.parts)
    }


Life.TestCase.settings = settings(stateful_step_count=12)
TestAMemoryLives = Life.TestCase
