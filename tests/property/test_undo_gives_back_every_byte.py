"""Law: undo gives back every byte, undoing that redoes, and what was done since stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hypothesis import assume, given, note
from hypothesis import strategies as st
from past import Past
from strategies import budgets, ids, markdown, memories, new_entry, section, topic

from agent_memory.core import links
from agent_memory.core.diff import changes, unified
from agent_memory.core.draft import Draft
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import AgentMemoryError, ConflictError

Call = Callable[[Draft], object]


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """A memory without a history, with a budget that may be too small."""
    snapshot = draw(memories(6))
    past = Past(budget=draw(budgets(snapshot)))
    past.snapshot = snapshot
    return past


def entry_of(draft: Draft, number: int) -> str:
    found = [e.id for path in draft.snapshot.files for e in draft.snapshot.document(path).entries]
    return found[number % len(found)] if found else "0000000000"


def topic_of(draft: Draft, number: int) -> str:
    topics = draft.snapshot.topics
    return topics[number % len(topics)] if topics else "none.md"


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, Call]:
    """Any verb, with arguments that mostly fit."""
    number, text = draw(st.integers(0, 9)), draw(new_entry)
    to, under = draw(topic), draw(section)
    whole, name = draw(markdown(4)), draw(st.sampled_from(["fresh", "alpha", "deep/new"]))
    verbs: dict[str, Call] = {
        "remember": lambda d: d.remember(text, to, under),
        "update": lambda d: d.update(entry_of(d, number), text),
        "move": lambda d: d.move(entry_of(d, number), to or "fresh", under),
        "forget": lambda d: d.forget(entry_of(d, number)),
        "write": lambda d: d.write(
            topic_of(d, number), whole, d.snapshot.document(topic_of(d, number)).revision
        ),
        "create": lambda d: d.write("brand-new", whole),
        "remove": lambda d: d.remove(topic_of(d, number)),
        "rename": lambda d: d.rename(topic_of(d, number), name),
        "compact": lambda d: d.compact(),
        "edit": lambda d: (d.remember(text, to, under), d.forget(entry_of(d, number))),
    }
    verb = draw(st.sampled_from(sorted(verbs)))
    return verb, verbs[verb]


def done(past: Past, call: tuple[str, Call]) -> None:
    """Commit a verb; refusals are other tests' matter."""
    try:
        past.does(*call)
    except AgentMemoryError:
        assume(False)


@given(pasts(), calls())
def test_undo_gives_back_every_byte_and_undoing_that_redoes(
    past: Past, call: tuple[str, Call]
) -> None:
    before = past.snapshot
    done(past, call)
    assume(past.records)
    after = past.snapshot
    for _ in range(2):
        back = past.undo(past.records[0].commit.id)
        assert past.snapshot.files == before.files
        past.undo(back.commit.id)
        assert past.snapshot.files == after.files


@given(pasts(), st.lists(calls(), min_size=2, max_size=4))
def test_undoing_step_by_step_leads_all_the_way_back(
    past: Past, several: list[tuple[str, Call]]
) -> None:
    before = past.snapshot
    for call in several:
        done(past, call)
    for _ in range(len(past.records)):
        past.undo()
    assert past.snapshot.files == before.files


@given(pasts(), new_entry, calls())
def test_undoing_an_older_commit_keeps_what_was_done_since(
    past: Past, text: str, later: tuple[str, Call]
) -> None:
    start = ids(past.snapshot)
    done(past, ("remember", lambda draft: draft.remember(text)))
    assume(past.records and not past.records[0].commit.moved)
    middle = past.snapshot
    done(past, later)
    assume(len(past.records) == 2)
    for record in reversed(past.records):
        note(unified(changes(record)))
    end = ids(past.snapshot)
    try:
        past.undo("c0001")
    except ConflictError:  # the same place was changed since: then nothing may change
        assert ids(past.snapshot) == end
        return
    note("then\n" + unified(changes(past.records[0])))
    if past.records[0].commit.moved:
        return  # rows were added, or shortened, to keep the budget
    put = ids(middle) - start
    since = end - ids(middle)
    now = ids(past.snapshot)
    assert not since - put - now, "something that was done since is gone"
    new = now - (end + start)
    index = past.snapshot.index.entries
    rows = Counter(entry.id for entry in index if links.is_row(entry.text))
    assert not new - rows, "something is there that nobody wrote"


@given(pasts(), new_entry)
def test_undoing_beside_an_appender_takes_out_only_its_own(past: Past, text: str) -> None:
    start = past.snapshot
    done(past, ("remember", lambda draft: draft.remember(text)))
    assume(past.records and not past.records[0].commit.moved)
    assume(past.records[0].commit.changed == (INDEX,))
    theirs = (
        past.text()
        + ("" if past.text().endswith(("\n", "\r")) else "\n")
        + "\n## Theirs\n\n- x y z\n"
    )
    appended = ids(Snapshot({INDEX: theirs.encode("utf-8", "surrogateescape")}))
    assume(appended == ids(Snapshot({INDEX: past.snapshot.files[INDEX]})) + _one("x y z"))
    past.outside({INDEX: theirs})
    try:
        past.undo("c0001")
    except ConflictError:
        return
    if not past.records[0].commit.moved:
        assert ids(past.snapshot) == ids(start) + _one("x y z")


def _one(text: str) -> Counter[str]:
    return ids(Snapshot({"x.md": f"- {text}\n".encode()}))
