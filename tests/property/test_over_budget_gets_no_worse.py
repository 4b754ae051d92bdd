"""Law: an index that somebody left over budget loses no line more by what we write."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import assume, given, note
from hypothesis import strategies as st
from strategies import held, ids, new_entry, section, topic

from agent_memory.core import budget as budgets
from agent_memory.core import links
from agent_memory.core.draft import Draft
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import BudgetError, PolicyError

over = held().filter(lambda draft: not draft.settings.budget.holds(draft.base.text(INDEX)))


def cut(draft: Draft, snapshot: Snapshot) -> Counter[str]:
    lines = budgets.report(snapshot.text(INDEX), draft.settings.budget).cut
    return Counter(line.text for line in lines if line.text.strip())


def seen(draft: Draft, entry: str) -> bool:
    """Whether the entry stands where an agent that follows links sees it."""
    budget, snapshot = draft.settings.budget, draft.snapshot
    loaded = budgets.kept_lines(snapshot.text(INDEX), budget)
    return any(
        found.id == entry
        and (path in links.reachable(snapshot, budget) or found.end_line <= loaded)
        for path in snapshot.files
        for found in snapshot.document(path).entries
        if path != INDEX or found.end_line <= loaded
    )


@given(over, new_entry, topic, section)
def test_what_is_remembered_is_seen_and_pushes_nothing_out(
    draft: Draft, text: str, topic: str | None, section: str | None
) -> None:
    note(draft.base.text(INDEX))
    note(draft.settings)
    try:
        entry = draft.remember(text, topic, section)
    except (BudgetError, PolicyError):
        return
    note(draft.snapshot.text(INDEX))
    note(draft.snapshot.files)
    assert not cut(draft, draft.snapshot) - cut(draft, draft.base)
    assert seen(draft, entry)
    assert any("over budget" in notice for notice in draft.notices) or not cut(
        draft, draft.snapshot
    )


@given(
    over,
    st.randoms(use_true_random=False),
    st.sampled_from(["short", "a much longer " * 9 + "text"]),
)
def test_an_update_pushes_nothing_out(draft: Draft, random: Random, text: str) -> None:
    entries = draft.base.index.entries
    assume(entries)
    entry = random.choice(entries)
    note(draft.base.text(INDEX))
    note(draft.settings)
    note(entry)
    loaded = budgets.kept_lines(draft.base.text(INDEX), draft.settings.budget)
    try:
        draft.update(entry.id, text)
    except (BudgetError, PolicyError):
        return
    note(draft.snapshot.text(INDEX))
    worse = cut(draft, draft.snapshot) - cut(draft, draft.base)
    was_cut = any(e.id == entry.id and e.end_line > loaded for e in entries)
    assert not worse or (
        was_cut and all("short" in line or "much longer" in line for line in worse)
    )


@given(over, st.randoms(use_true_random=False), st.booleans())
def test_forgetting_and_moving_push_nothing_out(draft: Draft, random: Random, moves: bool) -> None:
    entries = draft.base.index.entries
    assume(entries)
    entry = random.choice(entries)
    note(draft.base.text(INDEX))
    note(draft.settings)
    note(entry)
    try:
        if moves:
            draft.move(entry.id, "elsewhere")
        else:
            draft.forget(entry.id)
    except (BudgetError, PolicyError):
        assert moves
        return
    note(draft.snapshot.text(INDEX))
    assert not cut(draft, draft.snapshot) - cut(draft, draft.base)
    assert ids(draft.snapshot)[entry.id] == int(moves)
