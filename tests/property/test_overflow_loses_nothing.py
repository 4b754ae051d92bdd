"""Law: what leaves the index to keep its budget stands in a topic, whole and within reach."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, note
from hypothesis import strategies as st
from strategies import held, ids, new_entry, section, topic

from agent_memory.core import links, place
from agent_memory.core import text as texts
from agent_memory.core.budget import Budget
from agent_memory.core.document import Document
from agent_memory.core.draft import Draft
from agent_memory.core.paths import INDEX
from agent_memory.core.sheet import Settings
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import BudgetError, PolicyError

_SCAFFOLD_LINES, _SCAFFOLD_BYTES = 8, 700  # "## Topics", the row of "More topics", blank lines


def assert_lawful(before: Snapshot, draft: Draft, entry: str | None) -> None:
    after, budget = draft.snapshot, draft.settings.budget
    old, new = ids(before), ids(after)
    assert not old - new, "an entry was lost"
    added = new - old - Counter([entry] if entry else [])
    rows = Counter(
        e.id for path in after.files for e in after.document(path).entries if links.is_row(e.text)
    )
    assert not added - rows, "something was added that is no row"
    reached = links.reachable(after, budget)
    assert links.reachable(before, budget) <= reached, "a topic went out of reach"
    assert set(after.files) - set(before.files) - {INDEX} <= reached, "a new topic is out of reach"
    pins = pinned(before.index, draft)
    assert not pins - Counter(e.id for e in after.index.entries), "a pinned entry left the index"


def pinned(index: Document, draft: Draft) -> Counter[str]:
    rules = draft.settings.pinned
    return Counter(
        e.id
        for e in index.entries
        if e.pinned or any(place.title_key(t) in rules for t in index.titles_above(e.line - 1))
    )


def least(index: Document, draft: Draft, text: str) -> tuple[int, int]:
    """An upper bound of what is left of an index when all goes that can: lines and bytes."""
    front = index.front_matter.lines if index.front_matter else 0
    stays = set(range(front))
    pins = pinned(index, draft)
    for block in index.blocks:
        entry = index.entry(block)
        if block.kind == "heading" or entry.id in pins or index.has_pin(block):
            stays |= {*range(block.start, block.end), -block.end}
    kept = [index.lines[number] for number in stays if number >= 0]
    extra = texts.lines(place.item(text, "100. ", "\r\n"))
    lines = len(stays) + len(extra) + _SCAFFOLD_LINES
    return lines, sum(map(texts.size, [*kept, *extra])) + 2 * len(stays) + _SCAFFOLD_BYTES


def assert_could_not_fit(draft: Draft, text: str) -> None:
    lines, size = least(draft.base.index, draft, text)
    budget = draft.settings.budget
    assert lines > budget.lines or size > budget.bytes, "what is pinned would have fit"


@given(held())
def test_compact_keeps_every_entry_and_every_way_to_it(draft: Draft) -> None:
    note(draft.base.text(INDEX))
    note(draft.settings)
    try:
        draft.compact()
    except BudgetError:
        assert_could_not_fit(draft, "")
        return
    note(draft.snapshot.text(INDEX))
    assert draft.settings.budget.holds(draft.snapshot.text(INDEX))
    assert_lawful(draft.base, draft, None)
    again = Draft(draft.base, draft.settings)
    again.compact()
    assert again.snapshot.files == draft.snapshot.files


@given(held(), new_entry, topic, section)
def test_remembering_keeps_every_entry_and_the_budget(
    draft: Draft, text: str, topic: str | None, section: str | None
) -> None:
    note(draft.base.text(INDEX))
    note(draft.settings)
    within = draft.settings.budget.holds(draft.base.text(INDEX))
    again = Draft(draft.base, draft.settings)
    try:
        entry = draft.remember(text, topic, section)
    except BudgetError:
        if within:
            assert_could_not_fit(draft, text)
        return
    except PolicyError:
        return
    note(draft.snapshot.text(INDEX))
    assert draft.settings.budget.holds(draft.snapshot.text(INDEX)) or not within
    assert_lawful(draft.base, draft, entry)
    assert ids(draft.snapshot)[entry] == 1
    again.remember(text, topic, section)
    assert again.snapshot.files == draft.snapshot.files


@given(st.lists(st.tuples(new_entry, topic, section), min_size=8, max_size=25))
def test_a_long_life_in_a_small_budget_loses_nothing(
    calls: list[tuple[str, str | None, str | None]],
) -> None:
    snapshot, rules = Snapshot(), Settings(Budget(14, 900), frozenset(), "Test memory")
    for number, (text, to, under) in enumerate(calls):
        draft = Draft(snapshot, rules)
        note((number, text, to, under))
        try:
            entry = draft.remember(f"{number} {text}".replace("<!-- pin -->", ""), to, under)
        except BudgetError:
            assert_could_not_fit(draft, text)
            continue
        note(draft.diff())
        assert rules.budget.holds(draft.snapshot.text(INDEX))
        assert_lawful(snapshot, draft, entry)
        snapshot = draft.snapshot
