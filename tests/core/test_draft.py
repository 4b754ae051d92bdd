"""Every verb over a snapshot: what it does, says and refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent_memory.core.draft import Draft
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Skipped, Snapshot
from agent_memory.errors import (
    AmbiguousError,
    BudgetError,
    ConflictError,
    NotFoundError,
    PolicyError,
    UnsafePathError,
)

Drafted = Callable[..., Draft]
LONG = "".join(f"- fact {number} of many\n" for number in range(40))


def text_of(draft: Draft, path: str = INDEX) -> str:
    return draft.snapshot.text(path)


def entry_of(draft: Draft, text: str) -> str:
    paths = draft.snapshot.files
    return next(e.id for p in paths for e in draft.snapshot.document(p).entries if e.text == text)


# -- remember


def test_the_first_memory_makes_an_index_with_title_and_notes(draft: Drafted) -> None:
    written = draft()
    entry = written.remember("Always use bun")
    assert text_of(written) == "# Test memory\n\n## Notes\n\n- Always use bun\n"
    assert written.entry == entry == entry_of(written, "Always use bun")
    assert written.messages == ["remember “Always use bun” in MEMORY.md"]


def test_a_new_topic_gets_title_front_matter_and_a_row(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n\n- a\n"})
    written.remember("Use bun", topic="build-tools", section="Node")
    assert written.snapshot.document("build-tools.md").properties["name"] == "build-tools"
    assert text_of(written, "build-tools.md").endswith("# Build tools\n\n## Node\n\n- Use bun\n")
    assert "- [Build tools](build-tools.md)\n" in text_of(written)


def test_a_topic_that_nothing_links_to_is_linked_by_the_next_entry(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n\n- a\n", "lost.md": "# Lost things\n\n- b\n"})
    written.remember("c", topic="lost")
    assert text_of(written, "lost.md") == "# Lost things\n\n- b\n- c\n"
    assert "[Lost things](lost.md)" in text_of(written)


def test_an_exact_duplicate_is_a_no_op_that_says_where_it_stands(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n", "a.md": "# A\n\n* Use  bun <!-- pin -->\n"})
    written.remember("- Use bun", topic="other")
    assert not written.changes()
    assert written.notices == ["nothing to do: this already stands at a.md:3"]


def test_a_paragraph_with_a_checkbox_is_known_by_its_own_text(draft: Drafted) -> None:
    written = draft({"MEMORY.md": "# Notes\n\n[ ] upgrade bun\n"})
    (known,) = written.snapshot.index.entries
    assert written.remember(known.text) == known.id
    assert not written.changes()


def test_facts_that_differ_in_one_number_both_stay_and_are_shown_as_near(draft: Drafted) -> None:
    written = draft({INDEX: "- The API listens on port 8080\n"})
    written.remember("The API listens on port 8081")
    assert len(written.snapshot.index.entries) == 2
    assert [near.entry.text for near in written.nearest] == ["The API listens on port 8080"]


def test_a_section_that_overflow_moved_receives_the_entry_in_its_topic(draft: Drafted) -> None:
    index = "# M\n\n- a\n\n## Style\n\n" + LONG
    moved = draft(
        {INDEX: "# M\n\n" + LONG.replace("fact", "thing") + "\n## Style\n\n" + LONG}, lines=60
    )
    moved.compact()
    assert "## Style" not in text_of(moved)
    again = draft({path: text_of(moved, path) for path in moved.snapshot.files}, lines=60)
    again.remember("tabs, not spaces", section="style")
    assert text_of(again, "style.md").endswith("- fact 39 of many\n- tabs, not spaces\n")
    assert text_of(again) == text_of(moved)
    assert index.startswith("# M")


def test_the_entry_just_written_leaves_the_index_last(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n\n" + LONG}, lines=42)
    written.remember("the newest fact")
    assert written.moved
    assert "- the newest fact\n" in text_of(written)


def test_an_entry_that_alone_is_too_large_is_refused(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n\n- a\n"}, lines=10, size=200)
    with pytest.raises(BudgetError, match="the entry alone") as caught:
        written.remember("word " * 60)
    assert "--topic" in caught.value.hint
    assert not written.changes()
    written.remember("word " * 60, topic="long")
    assert written.settings.budget.holds(text_of(written))


def test_where_all_is_pinned_a_new_entry_is_refused(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n\n" + LONG.replace("many\n", "many <!-- pin -->\n")}, lines=42)
    with pytest.raises(BudgetError, match="40 pinned entries"):
        written.remember("one more")
    assert not written.changes()
    assert written.messages == []


def test_over_budget_an_entry_goes_where_it_is_seen_and_the_loss_is_named(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n\n" + LONG}, lines=20)
    written.remember("seen")
    home = next(p for p in written.snapshot.files if "- seen\n" in text_of(written, p))
    assert home in text_of(written).splitlines()[2]
    assert any("runners lose" in notice and "compact" in notice for notice in written.notices)


@pytest.mark.parametrize("text", ["", "   ", "-----BEGIN " + "RSA PRIVATE KEY-----\nabc"])
def test_what_must_not_be_saved_is_refused_before_anything_changes(
    text: str, draft: Drafted
) -> None:
    written = draft({INDEX: "# M\n"})
    with pytest.raises(PolicyError):
        written.remember(text)
    assert not written.changes()


@pytest.mark.parametrize("topic", ["../out", "/etc/x", "a\\b", ".agent-memory/x"])
def test_a_topic_outside_is_refused(topic: str, draft: Drafted) -> None:
    with pytest.raises(UnsafePathError):
        draft().remember("x", topic=topic)


def test_a_topic_that_differs_only_in_case_is_refused(draft: Drafted) -> None:
    with pytest.raises(UnsafePathError, match=r"debug\.md"):
        draft({INDEX: "# M\n", "debug.md": "- a\n"}).remember("x", topic="Debug")


# -- update, move, forget


def test_an_update_keeps_the_place_and_gives_the_new_id(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n\n* [x] Use bun 1.2 <!-- pin -->\r\n* b\n"})
    entry = written.update(entry_of(written, "Use bun 1.2"), "Use bun 1.3")
    assert text_of(written) == "# M\n\n* [x] Use bun 1.3 <!-- pin -->\n* b\n"
    assert entry == entry_of(written, "Use bun 1.3")


def test_an_unknown_id_is_not_found(draft: Drafted) -> None:
    with pytest.raises(NotFoundError, match="no entry has the id 0123456789"):
        draft({INDEX: "- a\n"}).update("0123456789", "b")


def test_a_move_takes_the_pin_along_and_links_the_topic(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n\n- a <!-- pin -->\n- b\n"})
    written.move(entry_of(written, "a"), "tools")
    assert text_of(written, "tools.md").endswith("- a <!-- pin -->\n")
    assert "[Tools](tools.md)" in text_of(written)
    assert "- a" not in text_of(written)


def test_a_move_to_where_it_stands_changes_nothing(draft: Drafted) -> None:
    written = draft({INDEX: "- [T](t.md)\n", "t.md": "# T\n\n- a\n"})
    written.move(entry_of(written, "a"), "t.md")
    assert not written.changes()


def test_forgetting_asks_back_when_several_entries_hold_the_text(draft: Drafted) -> None:
    written = draft({INDEX: "- never push\n- Never commit\n"})
    with pytest.raises(AmbiguousError) as caught:
        written.forget("never")
    assert [line.split("  ")[2] for line in caught.value.candidates] == [
        "never push",
        "Never commit",
    ]
    assert not written.changes()
    written.forget_all("NEVER")
    assert text_of(written) == ""


def test_forgetting_what_is_not_there_shows_what_is_near(draft: Drafted) -> None:
    with pytest.raises(NotFoundError) as caught:
        draft({INDEX: "- deploy with make release\n"}).forget("deploy by make release")
    assert any("deploy with make release" in near for near in caught.value.suggestions)


def test_forgetting_nothing_in_particular_is_refused(draft: Drafted) -> None:
    with pytest.raises(NotFoundError, match="empty"):
        draft({INDEX: "- a\n"}).forget("  ")


# -- write, remove


def test_write_stores_exactly_the_text_and_names_what_would_be_cut(draft: Drafted) -> None:
    written = draft(lines=3)
    written.write(INDEX, "a\nb\nc\nd")
    assert text_of(written) == "a\nb\nc\nd"
    assert any("runners lose 1 lines from line 4" in notice for notice in written.notices)


def test_write_without_the_revision_replaces_nothing(draft: Drafted) -> None:
    written = draft({"a.md": "old\n"})
    with pytest.raises(ConflictError, match="exists already") as caught:
        written.write("a", "new\n")
    assert (caught.value.ours, caught.value.theirs) == ("new\n", "old\n")
    written.write("a", "new\n", expected=written.snapshot.document("a.md").revision)
    assert text_of(written, "a.md") == "new\n"


def test_write_of_a_file_that_is_gone_is_a_conflict(draft: Drafted) -> None:
    with pytest.raises(ConflictError):
        draft().write("a.md", "new\n", expected="0" * 16)


def test_an_unlinked_new_topic_is_written_and_said_to_be_unseen(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n"})
    written.write("alone.md", "x\n")
    assert any("linked from nowhere" in notice for notice in written.notices)


def test_removing_a_topic_takes_its_rows_and_names_other_mentions(draft: Drafted) -> None:
    index = "# M\n\n- [T](t.md) — x\n- see also [T](t.md) and `a.md`\n- [A](a.md)\n"
    written = draft({INDEX: index, "t.md": "- b\n", "a.md": "[[t]]\n"})
    written.remove("t")
    assert text_of(written) == index.replace("- [T](t.md) — x\n", "")
    assert written.notices == ["MEMORY.md:3 still mentions t.md", "a.md:1 still mentions t.md"]


def test_the_index_is_never_removed(draft: Drafted) -> None:
    with pytest.raises(PolicyError, match="index"):
        draft({INDEX: "# M\n"}).remove(INDEX)
    with pytest.raises(NotFoundError) as caught:
        draft({"debug.md": "x\n"}).remove("debgu")
    assert caught.value.suggestions == ("debug.md",)


def test_a_file_that_is_not_read_is_not_written(draft: Drafted) -> None:
    written = draft()
    written.snapshot = Snapshot({}, (Skipped("big.md", "over 5 MB", 6_000_000),))
    with pytest.raises(UnsafePathError, match="over 5 MB"):
        written.remember("x", topic="big")


# -- what it comes to


def test_a_diff_names_new_and_unended_files(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n\n- [T](t.md)\n\n- a", "t.md": "- x\n"})
    written.remember("b", section="S")
    written.remember("y", topic="t")
    diff = written.diff()
    assert "--- a/MEMORY.md\n+++ b/MEMORY.md\n" in diff
    assert "-- a\n\\ No newline at end of file\n+- a\n" in diff
    assert "+- y\n" in diff
    assert draft().diff() == ""


def test_a_discarded_draft_comes_to_nothing(draft: Drafted) -> None:
    written = draft()
    written.remember("a")
    written.discard()
    assert written.changes() == []
    assert written.plan("edit").changes == ()


def test_a_verb_that_fails_leaves_no_trace_of_itself(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n"})
    written.remember("kept")
    before = (text_of(written), list(written.messages), list(written.notices))
    with pytest.raises(UnsafePathError):
        written.remember("lost", topic="../x")
    assert (text_of(written), written.messages, written.notices) == before


def test_a_draft_is_played_again_on_what_somebody_else_wrote(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n\n- a\n"})
    written.remember("b")
    written.forget("a")
    again = written.replayed(Snapshot({INDEX: b"# M\n\n- a\n- theirs\n"}))
    assert text_of(again) == "# M\n\n- theirs\n- b\n"
    assert again.messages == written.messages
