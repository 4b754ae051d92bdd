"""What leaves an index that is too long, and in which order."""

from __future__ import annotations

from agent_memory.core import overflow
from agent_memory.core.budget import Budget
from agent_memory.core.document import Document
from agent_memory.core.overflow import Rules
from agent_memory.core.paths import INDEX

INDEX_TEXT = (
    "# M\n\n## Rows\n\n- [A](a.md)\n- [B](b.md)\n\n## One\n\n- one\n- two\n\n"
    "## Two\n\n- three\n- four <!-- pin -->\n\n## Three\n\n- five\n- six\n"
)


def chosen(lines: int, rules: Rules | None = None, text: str = INDEX_TEXT) -> list[tuple[str, int]]:
    """The section and first line of each chunk, in order of moving."""
    found = overflow.overflow(Document(INDEX, text), Budget(lines), rules or Rules())
    return [(chunk.section, chunk.start + 1) for chunk in found]


def test_within_the_target_nothing_leaves() -> None:
    assert chosen(100) == []


def test_the_lowest_section_leaves_before_single_entries() -> None:
    assert chosen(25)[0] == ("Three", 18)


def test_a_section_with_a_pin_gives_single_entries_but_not_the_pinned_one() -> None:
    everything = chosen(2)
    assert ("Two", 15) in everything
    assert ("Two", 16) not in everything


def test_rows_leave_after_facts_and_share_one_topic() -> None:
    index = Document(INDEX, INDEX_TEXT)
    found = overflow.overflow(index, Budget(2), Rules())
    rows = [chunk for chunk in found if chunk.row]
    assert {overflow.destination_key(chunk) for chunk in rows} <= {overflow.MORE_TOPICS}
    facts = [number for number, chunk in enumerate(found) if not chunk.row and not chunk.whole]
    assert all(found.index(row) > min(facts) for row in rows)


def test_a_section_pinned_in_the_settings_stays() -> None:
    assert all(section != "Three" for section, _ in chosen(2, Rules(pinned=frozenset({"three"}))))


def test_what_was_just_written_leaves_last_of_all() -> None:
    index = Document(INDEX, "# M\n\n- old\n- new\n")
    new = index.entries[-1].id
    found = overflow.entries(index, Rules(keep=frozenset({new})), rows=False)
    assert [chunk.start for chunk in found] == [2]


def test_whole_sections_have_keys_of_their_own() -> None:
    index = Document(INDEX, "# M\n\n## A\n\n- x\n- y\n- z\n\n## A\n\n- u\n- v\n- w\n")
    found = overflow.overflow(index, Budget(1), Rules())
    whole = [overflow.destination_key(chunk) for chunk in found if chunk.whole]
    assert len(set(whole)) == len(whole)


def test_small_sections_share_a_topic() -> None:
    index = Document(INDEX, "# M\n\n## A\n\n- x\n\n## B\n\n- y\n")
    found = [chunk for chunk in overflow.overflow(index, Budget(1), Rules()) if chunk.whole]
    assert {overflow.destination_key(chunk) for chunk in found} == {overflow.MORE_NOTES}
    assert overflow.tells(index, found) == "A; B"
