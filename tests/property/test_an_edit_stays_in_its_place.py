"""Law: an edit of one entry changes no byte outside of it, and no other entry."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import assume, given, note
from hypothesis import strategies as st
from strategies import ids, memories

from agent_memory.core import text as texts
from agent_memory.core.budget import Budget
from agent_memory.core.document import Entry
from agent_memory.core.draft import Draft
from agent_memory.core.sheet import Settings
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import PolicyError

SETTINGS = Settings(Budget(), frozenset(), "Test memory")
small = memories(6)
chances = st.randoms(use_true_random=False)


def chosen(snapshot: Snapshot, random: Random) -> Entry:
    entries = [e for path in sorted(snapshot.files) for e in snapshot.document(path).entries]
    assume(entries)
    return random.choice(entries)


def said(text: str) -> list[str]:
    """The lines that are neither blank nor the empty comment that parts two neighbours."""
    lines = texts.lines(text.removeprefix(texts.BOM))
    return [line for line in lines if line.strip() not in ("", "<!-- -->")]


@given(small, chances, st.sampled_from(["one", "one | two", "one\ntwo", "> one", "*one* `two`"]))
def test_an_update_changes_no_byte_outside_the_entry(
    before: Snapshot, random: Random, text: str
) -> None:
    entry = chosen(before, random)
    note(entry)
    draft = Draft(before, SETTINGS)
    try:
        new = draft.update(entry.id, text)
    except PolicyError:
        return
    note(draft.diff())
    old, now = ids(before), ids(draft.snapshot)
    assert now == old - Counter({entry.id: old[entry.id]}) + Counter({new: old[entry.id]})
    for path, data in before.files.items():
        document = before.document(path)
        copies = [e for e in document.entries if e.id == entry.id]
        if not copies:
            assert draft.snapshot.files[path] == data
            continue
        head = "".join(document.lines[: copies[0].line - 1])
        tail = "".join(document.lines[copies[-1].end_line :])
        assert draft.snapshot.text(path).startswith(head)
        assert draft.snapshot.text(path).endswith(tail)


@given(small, chances)
def test_an_update_keeps_every_pin(before: Snapshot, random: Random) -> None:
    entry = chosen(before, random)
    draft = Draft(before, SETTINGS)
    try:
        new = draft.update(entry.id, "another text")
    except PolicyError:
        return
    note(draft.diff())
    now = [
        e.pinned for p in before.files for e in draft.snapshot.document(p).entries if e.id == new
    ]
    was = [e.pinned for p in before.files for e in before.document(p).entries if e.id == entry.id]
    assert sorted(now) == sorted(was)


@given(small, chances)
def test_forgetting_takes_out_all_copies_and_nothing_else(before: Snapshot, random: Random) -> None:
    entry = chosen(before, random)
    note(entry)
    draft = Draft(before, SETTINGS)
    draft.forget(entry.id)
    note(draft.diff())
    old = ids(before)
    del old[entry.id]
    assert ids(draft.snapshot) == old
    for path, data in before.files.items():
        document = before.document(path)
        gone = {
            number
            for e in document.entries
            if e.id == entry.id
            for number in range(e.line - 1, e.end_line)
        }
        left = "".join(line for number, line in enumerate(document.lines) if number not in gone)
        assert said(draft.snapshot.text(path)) == said(left)
        assert gone or draft.snapshot.files[path] == data


@given(small, chances)
def test_a_move_keeps_the_entry_and_its_pin(before: Snapshot, random: Random) -> None:
    entry = chosen(before, random)
    note(entry)
    draft = Draft(before, SETTINGS)
    try:
        draft.move(entry.id, "elsewhere")
    except PolicyError:
        return
    note(draft.diff())
    assert [e.id for e in draft.snapshot.document("elsewhere.md").entries] == [entry.id]
    old, now = ids(before), ids(draft.snapshot)
    assert now[entry.id] == 1
    assert not (old - now) - Counter({entry.id: old[entry.id]})
