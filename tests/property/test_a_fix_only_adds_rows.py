"""A fix of links adds rows to the index and changes no line that is there, nor any other file."""

from __future__ import annotations

import difflib

from hypothesis import given, note
from strategies import held

from agent_memory.core import links
from agent_memory.core import text as texts
from agent_memory.core.checks import check
from agent_memory.core.draft import Draft
from agent_memory.core.paths import INDEX


@given(held())
def test_a_fix_adds_rows_and_touches_nothing_else(draft: Draft) -> None:
    before, budget = draft.base, draft.settings.budget
    note(before.files)
    draft.mend(check(before, budget, ("LN",)), set())
    after = draft.snapshot
    note(after.text(INDEX))
    assert {path: after.files[path] for path in before.topics} == {
        path: before.files[path] for path in before.topics
    }
    old, new = texts.lines(before.text(INDEX)), texts.lines(after.text(INDEX))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, _, _ in matcher.get_opcodes():
        unended = end == len(old) == start + 1 and not old[start].endswith(("\n", "\r"))
        assert tag in ("equal", "insert") or unended
    assert links.reachable(before, budget) <= links.reachable(after, budget)
    again = Draft(after, draft.settings)
    again.mend(check(after, budget, ("LN",)), set())
    assert again.changes() == []
