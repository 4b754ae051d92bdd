"""Law: a text that is taken stands as one entry; one that is not leaves no mark."""

from __future__ import annotations

from hypothesis import example, given, note
from hypothesis import strategies as st
from strategies import ids, memories, section, topic

from agent_memory.core.budget import Budget
from agent_memory.core.draft import Draft
from agent_memory.core.sheet import Settings
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import BudgetError, PolicyError

SETTINGS = Settings(Budget(), frozenset(), "Test memory")
MARKDOWN = [
    *("- ", "* ", "1. ", "# ", "> ", "```", "~~~", "---", "***", "===", "| a | b |", "|---|---|"),
    *("\n", "\n\n", "\r\n", "\r", "\t", "    ", "<!-- pin -->", "<!--", "-->", "<div>", "[x]: y"),
    *("[ ] ", "[a](b.md)", "[[w]]", "a", "b c", "é", "e\u0301", "\u2028", "\x0c", "\\", "`", ":"),
    *("<script>", "<?", "<!X", "]]>", "5)", "2020.", "+", "_", "&nbsp;", "\xa0", "    - "),
]
anything = st.one_of(
    st.lists(st.sampled_from(MARKDOWN), min_size=1, max_size=7).map("".join),
    st.text(max_size=30),
)


@given(anything, memories(4), topic, section)
@example("# a heading", Snapshot(), None, None)
@example("```\nopen", Snapshot(), None, None)
@example("1. one", Snapshot({"MEMORY.md": b"1. zero"}), None, None)
@example("5)", Snapshot(), None, None)
def test_a_remembered_text_is_one_entry_and_remembering_it_again_does_nothing(
    text: str, before: Snapshot, topic: str | None, section: str | None
) -> None:
    draft = Draft(before, SETTINGS)
    try:
        entry = draft.remember(text, topic, section)
    except (PolicyError, BudgetError):
        assert draft.snapshot.files == before.files
        return
    note(draft.diff())
    stands = ids(draft.snapshot)
    assert entry == draft.entry
    assert stands[entry] == max(1, ids(before)[entry])
    again = Draft(draft.snapshot, SETTINGS)
    assert again.remember(text, topic, section) == entry
    assert not again.changes()
    assert any("already stands" in notice for notice in again.notices)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=40))
def test_words_on_one_line_come_back_letter_for_letter(text: str) -> None:
    draft = Draft(Snapshot(), SETTINGS)
    try:
        entry = draft.remember(f"It says {text} here")
    except PolicyError:
        return
    found = [e for e in draft.snapshot.index.entries if e.id == entry]
    assert [e.text for e in found] == [f"It says {text} here"]
