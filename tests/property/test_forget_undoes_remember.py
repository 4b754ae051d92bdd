"""Law: remember, then forget, gives back the same bytes and files when nothing was moved."""

from __future__ import annotations

from hypothesis import assume, given, note
from hypothesis import strategies as st
from strategies import ids, memories, new_entry, record, section, topic

from agent_memory.core.budget import Budget
from agent_memory.core.draft import Draft
from agent_memory.core.history import Record
from agent_memory.core.sheet import Settings
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import BudgetError, PolicyError

SETTINGS = Settings(Budget(), frozenset(), "Test memory")
small = memories(6)


def remembered(before: Snapshot, text: str, topic: str | None, section: str | None) -> Draft:
    draft = Draft(before, SETTINGS)
    try:
        draft.remember(text, topic, section)
    except (BudgetError, PolicyError):
        assume(False)
    assume(draft.changes() and not draft.moved)
    return draft


@given(small, new_entry, topic, section)
def test_forgetting_with_the_record_gives_back_every_byte(
    before: Snapshot, text: str, topic: str | None, section: str | None
) -> None:
    draft = remembered(before, text, topic, section)
    note(draft.diff())
    back = Draft(draft.snapshot, SETTINGS, [record(draft)])
    back.forget(str(draft.entry))
    assert back.snapshot.files == before.files


@given(small, new_entry, topic, section, st.sampled_from(["\n", "\r\n"]))
def test_what_people_wrote_elsewhere_in_between_stays(
    before: Snapshot, text: str, topic: str | None, section: str | None, ending: str
) -> None:
    draft = remembered(before, text, topic, section)
    theirs = f"{ending}{ending}## Theirs{ending}{ending}- from a person{ending}"
    edited = dict(draft.snapshot.files)
    path = next(iter(sorted(edited)))
    edited[path] += theirs.encode()
    edited["other.md"] = b"# Other\n\n- from a person too\n"
    between = Snapshot(edited)
    assume(ids(between) - ids(draft.snapshot) >= ids(Snapshot({"x": b"- from a person"})))
    note(draft.diff())
    back = Draft(between, SETTINGS, [record(draft)])
    back.forget(str(draft.entry))
    note(back.diff())
    expected = ids(between)
    del expected[str(draft.entry)]
    rows = ids(draft.snapshot) - ids(before)
    assert not expected - ids(back.snapshot) - rows
    assert not ids(back.snapshot) - expected
    assert back.snapshot.files["other.md"] == edited["other.md"]
    assert back.snapshot.text(path).endswith(theirs.lstrip("\r\n"))


@given(small, new_entry, topic, section)
def test_without_a_record_only_the_lines_of_the_entry_go(
    before: Snapshot, text: str, topic: str | None, section: str | None
) -> None:
    draft = remembered(before, text, topic, section)
    back = Draft(draft.snapshot, SETTINGS)
    back.forget(str(draft.entry))
    expected = ids(draft.snapshot)
    del expected[str(draft.entry)]
    assert ids(back.snapshot) == expected
    assert set(back.snapshot.files) == set(draft.snapshot.files)


@given(st.lists(st.tuples(new_entry, topic, section), min_size=2, max_size=5), small)
def test_forgetting_in_any_order_leaves_no_trace_of_our_own_sections(
    calls: list[tuple[str, str | None, str | None]], before: Snapshot
) -> None:
    """Several entries, forgotten the newest first, each with all records of those before it."""
    snapshot, written = before, list[str]()
    records: list[Record] = []
    for number, (text, to, under) in enumerate(calls):
        draft = Draft(snapshot, SETTINGS)
        try:
            draft.remember(f"{number} {text}", to, under)
        except (BudgetError, PolicyError):
            continue
        if draft.changes() and not draft.moved:
            records.insert(0, record(draft))
            written.append(str(draft.entry))
            snapshot = draft.snapshot
    assume(written)
    for entry in reversed(written):
        draft = Draft(snapshot, SETTINGS, records)
        draft.forget(entry)
        snapshot = draft.snapshot
    assert snapshot.files == before.files
