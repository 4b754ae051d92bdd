"""A fix of copies takes out lines that stand elsewhere, changes no other one, and does so once."""

from __future__ import annotations

import difflib

from hypothesis import given, note
from hypothesis import strategies as st
from strategies import held

from agent_memory.core import alike, links
from agent_memory.core import text as texts
from agent_memory.core.checks import check
from agent_memory.core.draft import Draft
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot

FACTS = (
    "- Migrations run in CI before the tests\n",
    "- Migrations run in CI **before** the tests.\n",
    "- Migrations run in CI before the tests <!-- pin -->\n",
    "Invoices are numbered per tenant\nand without gaps\n\n",
    "- See [the notes](notes.md) before a release\n",
    "## Another heading\n\n",
    "> Migrations run in CI before the tests\n\n",
    "1. Migrations run in CI before the tests\n",
)


@st.composite
def with_copies(draw: st.DrawFn) -> Draft:
    """A memory with facts added to its files, some of them more than once."""
    drawn = draw(held())
    files = dict(drawn.base.files)
    paths = [INDEX, *sorted(files), "notes.md"]
    for path in draw(st.lists(st.sampled_from(paths), min_size=1, max_size=3)):
        facts = draw(st.lists(st.sampled_from(FACTS), min_size=1, max_size=6))
        files[path] = files.get(path, b"") + texts.encode("\n\n" + "".join(facts))
    return Draft(Snapshot(files), drawn.settings)


def plain(snapshot: Snapshot) -> set[str]:
    return {
        alike.plain(entry.text)
        for path in snapshot.files
        for entry in snapshot.document(path).entries
    }


@given(with_copies())
def test_a_fix_takes_out_copies_and_touches_nothing_else(draft: Draft) -> None:
    before, budget = draft.base, draft.settings.budget
    note(before.files)
    draft.mend(check(before, budget, ("DU001",)), set())
    after = draft.snapshot
    note(after.files)
    assert after.files.keys() == before.files.keys()
    for path in before.files:
        old, new = (texts.lines(one.text(path)) for one in (before, after))
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        for tag, _, _, start, end in matcher.get_opcodes():
            parting = {line.strip() for line in new[start:end]} <= {"", "<!-- -->"}
            assert tag in ("equal", "delete") or parting
    assert plain(before) == plain(after)
    assert links.reachable(before, budget) <= links.reachable(after, budget)


@given(with_copies())
def test_a_fix_of_copies_leaves_nothing_for_a_second_one(draft: Draft) -> None:
    budget = draft.settings.budget
    draft.mend(check(draft.base, budget, ("DU001",)), set())
    again = Draft(draft.snapshot, draft.settings)
    again.mend(check(draft.snapshot, budget, ("DU001",)), set())
    assert again.changes() == []
