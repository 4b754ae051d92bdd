"""Law: what is pruned comes back byte for byte; the pinned and the user's is never pruned."""

from __future__ import annotations

from functools import partial
from operator import methodcaller

from hypothesis import assume, given
from hypothesis import strategies as st
from past import Past
from strategies import budgets, ids, memories, new_entry, section, topic

from agent_memory.core import lookup
from agent_memory.core.archive import archived
from agent_memory.core.draft import Draft
from agent_memory.core.staleness.evidence import StaleEntry
from agent_memory.errors import AgentMemoryError

BULLETS = {"-", "*", "+", "[", "]", "[x]"}  # what an entry looks like is its file's matter


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """A memory in which agents, a user and others have written, some of it over budget."""
    snapshot = draw(memories(6))
    past = Past(budget=draw(budgets(snapshot)))
    past.snapshot = snapshot
    for _ in range(draw(st.integers(0, 3))):
        call = methodcaller("remember", draw(new_entry), draw(topic), draw(section))
        source = draw(st.sampled_from(["agent", "user"]))
        try:
            past.does("remember", call, source=source)
            if draw(st.booleans()):
                past.does("move", partial(moved, to=draw(topic) or "fresh"))
        except AgentMemoryError:
            assume(False)
    return past


def moved(draft: Draft, to: str) -> None:
    found = list(lookup.entries(draft.snapshot))
    draft.move(found[-1].id, to)


def judged(past: Past, stale: list[bool]) -> list[StaleEntry]:
    """Every entry, as stale as the list says."""
    return [
        StaleEntry(entry, "stale" if stale[number % len(stale)] else "fresh")
        for number, entry in enumerate(lookup.entries(past.snapshot))
    ]


def protected(past: Past) -> set[str]:
    """What a user remembered, and what is pinned."""
    said = {
        record.commit.entry or ""
        for record in past.records
        if (record.commit.operation, record.commit.source) == ("remember", "user")
    }
    return said | {entry.id for entry in lookup.entries(past.snapshot) if entry.pinned}


@given(pasts(), st.lists(st.booleans(), min_size=1, max_size=5))
def test_prune_then_undo_is_nothing_and_the_protected_stays(past: Past, stale: list[bool]) -> None:
    before, found = past.snapshot, judged(past, stale)
    kept = protected(past)
    record = past.does("prune", methodcaller("prune", found))
    assume(not record.commit.is_empty)
    after = past.snapshot
    gone = ids(before).keys() - ids(after).keys()
    assert not gone & kept
    chosen = {one.entry for one in record.commit.judged}
    assert chosen <= {one.entry.id for one in found if one.verdict == "stale"}
    assert chosen <= gone
    commits = [one.commit for one in past.records]
    assert {one.pruned.entry for one in archived(after, commits)} == chosen
    back = past.undo(record.commit.id)
    assert past.snapshot.files == before.files
    past.undo(back.commit.id)
    assert past.snapshot.files == after.files


@given(pasts(), st.lists(st.booleans(), min_size=1, max_size=5))
def test_what_the_archive_keeps_of_an_entry_is_enough_to_bring_it_back(
    past: Past, stale: list[bool]
) -> None:
    record = past.does("prune", methodcaller("prune", judged(past, stale)))
    assume(record.commit.judged)
    try:
        past.does("restore", methodcaller("bring_back", record.commit.judged))
    except AgentMemoryError:
        assume(False)
    there = {word for path in past.snapshot.files for word in past.text(path).split()}
    assert {word for one in record.commit.judged for word in one.source.split()} <= there | BULLETS
