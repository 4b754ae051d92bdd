"""Undo: which commit it chooses, that others' work stays, and that an undone undo is a redo."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from past import Past

from agent_memory.core.budget import Budget
from agent_memory.core.undo import choose, choose_session, undo_session, undone
from agent_memory.errors import AmbiguousError, ConflictError, NotFoundError

INDEX = {"MEMORY.md": "# Mine\n\n- one\n- two\n"}
Pasts = Callable[..., Past]


@pytest.fixture
def here(past: Pasts) -> Past:
    return past(INDEX)


def test_the_last_commit_of_the_actor_is_chosen(here: Past) -> None:
    mine, _ = here.remember("mine", actor="me"), here.remember("theirs", actor="you")
    assert choose(here.records, "me").commit == mine.commit


def test_twice_steps_back_twice(here: Past) -> None:
    here.remember("first")
    after_first = here.text()
    here.remember("second")
    here.undo()
    assert here.text() == after_first
    here.undo()
    assert here.text() == INDEX["MEMORY.md"]
    with pytest.raises(NotFoundError, match="no commit by us is left to undo"):
        here.undo()


def test_what_has_nothing_left_to_undo_is_passed_over_unless_it_is_named(here: Past) -> None:
    here.remember("first")
    gone = here.remember("second")
    here.outside({"MEMORY.md": here.text().replace("- second\n", "")})
    here.restore(gone.commit.id)
    here.undo()
    assert here.undo().commit.message.startswith("undo c0001: ")
    assert here.text() == INDEX["MEMORY.md"]
    named = here.undo(gone.commit.id)
    assert named.commit.notices == ("nothing to do: it is undone already, or others took it out",)


def test_a_purge_is_never_what_is_undone_next(here: Past) -> None:
    made = here.remember("first")
    here.does("purge", lambda draft: draft.forget("two"))
    assert choose(here.records, "us").commit == made.commit


def test_an_undone_undo_is_a_redo_and_the_commit_can_be_undone_again(here: Past) -> None:
    made = here.remember("first")
    back = here.undo()
    redo = here.undo(back.commit.id)
    assert "- first" in here.text()
    assert redo.commit.undoes == back.commit.id
    assert redo.commit.message == "redo c0001: remember “first” in MEMORY.md"
    assert choose(here.records, "us").commit == made.commit
    again = here.undo(redo.commit.id)
    assert again.commit.message.startswith("undo c0001: ")
    assert here.text() == INDEX["MEMORY.md"]
    with pytest.raises(NotFoundError):
        choose(here.records, "us")


def test_others_and_what_was_found_are_never_chosen_unless_named(here: Past) -> None:
    found = here.found()
    here.outside({"MEMORY.md": "# Mine\n\n- one\n- two\n- three\n"})
    with pytest.raises(NotFoundError):
        choose(here.records, "external")
    assert choose(here.records, "us", found.commit.id) == found
    here.undo("c0002")
    assert here.text() == INDEX["MEMORY.md"]


def test_commits_of_others_are_suggested_where_the_actor_has_none(here: Past) -> None:
    here.remember("theirs", actor="you")
    with pytest.raises(NotFoundError) as raised:
        choose(here.records, "me")
    assert raised.value.suggestions[0].startswith("c0001")


def test_a_beginning_of_an_id_is_enough_if_it_is_the_only_one(here: Past) -> None:
    for number in range(10):
        here.remember(f"fact {number}")
    assert choose(here.records, "us", "c0010").commit.id == "c0010"
    with pytest.raises(AmbiguousError) as raised:
        choose(here.records, "us", "c000")
    assert len(raised.value.candidates) == 8
    with pytest.raises(NotFoundError, match="too short"):
        choose(here.records, "us", "c00")
    with pytest.raises(NotFoundError) as missing:
        choose(here.records, "us", "c0099")
    assert missing.value.suggestions


def test_a_commit_without_its_bytes_says_so(here: Past) -> None:
    record = here.remember("first")
    here.without_bytes(record)
    with pytest.raises(NotFoundError, match="no longer in the history"):
        choose(here.records, "us")
    with pytest.raises(NotFoundError, match="no longer in the history"):
        choose(here.records, "us", "c0001")


def test_what_others_did_since_stays(here: Past) -> None:
    here.remember("mine")
    here.outside({"MEMORY.md": "# Mine\n\n- zero\n- one\n- two\n- mine\n- three\n\nProse.\n"})
    here.undo("c0001")
    assert here.text() == "# Mine\n\n- zero\n- one\n- two\n- three\n\nProse.\n"


def test_an_older_commit_is_undone_and_the_newer_ones_stay(here: Past) -> None:
    here.remember("first")
    here.remember("second")
    here.remember("third", topic="more")
    here.undo("c0001")
    assert "- first" not in here.text()
    assert "- second" in here.text()
    assert "- third" in here.text("more.md")


def test_the_same_place_changed_by_others_is_a_conflict_that_names_both(here: Past) -> None:
    here.does("update", lambda draft: draft.update(draft.snapshot.index.entries[0].id, "one 1.3"))
    here.outside({"MEMORY.md": "# Mine\n\n- one 2.0\n- two\n"})
    before = here.snapshot
    with pytest.raises(ConflictError) as raised:
        here.undo("c0001")
    error = raised.value
    assert error.message == (
        "c0001 is not undone: MEMORY.md:3 has changed since;"
        " “- one 2.0” stands where “- one” would be"
    )
    assert ("one 1.3" in error.base, error.ours.strip(), error.theirs.strip()) == (
        True, "- one", "- one 2.0",
    )  # fmt: skip
    assert here.snapshot == before


def test_a_file_that_the_commit_made_goes_again(here: Past) -> None:
    here.remember("bun", topic="tools")
    here.undo()
    assert here.snapshot.files == {"MEMORY.md": INDEX["MEMORY.md"].encode()}


def test_a_file_that_the_commit_made_stays_with_what_others_put_in(here: Past) -> None:
    here.remember("bun", topic="tools")
    row = here.text().splitlines()[-1]
    here.outside({"tools.md": here.text("tools.md").replace("# Tools", "# Kit") + "- uv\n"})
    here.undo("c0001")
    assert here.text("tools.md").endswith("# Kit\n\n- uv\n")
    assert here.text().splitlines()[-1] == row == "- [Tools](tools.md)"


def test_a_topic_that_somebody_took_out_of_reach_stays_out_of_reach(here: Past) -> None:
    here.remember("bun", topic="tools")
    here.remember("uv", topic="tools", actor="you")
    here.outside({"MEMORY.md": INDEX["MEMORY.md"]})
    here.undo("c0001")
    assert here.text() == INDEX["MEMORY.md"]
    assert [entry.text for entry in here.snapshot.document("tools.md").entries] == ["uv"]


def test_an_undone_rename_carries_what_others_wrote_to_the_old_name(here: Past) -> None:
    here.outside({"old.md": "# Old\n\n- a\n", "MEMORY.md": "# Mine\n\n- [Old](old.md)\n"})
    here.does("rename", lambda draft: draft.rename("old", "new"))
    here.remember("b", topic="new", actor="you")
    back = here.undo("c0002")
    assert here.text("old.md") == "# Old\n\n- a\n- b\n"
    assert "new.md" not in here.snapshot.files
    assert "](old.md)" in here.text()
    here.undo(back.commit.id)
    assert here.text("new.md") == "# Old\n\n- a\n- b\n"
    assert "old.md" not in here.snapshot.files


def test_links_to_a_name_that_went_are_named(here: Past) -> None:
    here.outside({"old.md": "# Old\n\n- a\n", "MEMORY.md": "# Mine\n\n- [Old](old.md)\n"})
    here.does("rename", lambda draft: draft.rename("old", "new"))
    here.remember("See new.md for that", topic="more")
    back = here.undo("c0002")
    assert any("still mentions new.md" in notice for notice in back.commit.notices)


def test_an_undone_heading_keeps_what_stands_under_it(here: Past) -> None:
    here.outside({"MEMORY.md": "# Mine\n\n## Old\n\n- a\n"})
    here.does("rename", lambda draft: draft.rename_heading("MEMORY", "Old", "New"))
    here.outside({"MEMORY.md": "# Mine\n\n## New\n\n- a\n- b\n"})
    here.undo("c0002")
    assert here.text() == "# Mine\n\n## Old\n\n- a\n- b\n"


def test_a_removed_topic_comes_back_with_its_row(here: Past) -> None:
    here.remember("bun", topic="tools")
    before = here.snapshot.files
    here.does("remove", lambda draft: draft.remove("tools"))
    here.undo()
    assert here.snapshot.files == before


def test_an_undone_forgetting_comes_back_to_a_file_that_others_removed(here: Past) -> None:
    here.outside({"t.md": "# T\n\n- keep\n- gone\n", "MEMORY.md": "# Mine\n\n- [T](t.md)\n"})
    here.does("forget", lambda draft: draft.forget("gone"))
    here.outside({"t.md": None, "MEMORY.md": "# Mine\n"})
    here.undo("c0002")
    assert [entry.text for entry in here.snapshot.document("t.md").entries] == ["gone"]
    assert "](t.md)" in here.text()


def test_an_undone_remembering_leaves_a_file_removed_that_others_removed(here: Past) -> None:
    here.outside({"t.md": "# T\n\n- keep\n"})
    here.remember("more", topic="t")
    here.outside({"t.md": None, "MEMORY.md": "# Mine\n"})
    back = here.undo("c0002")
    assert back.commit.is_empty
    assert back.commit.notices == ("nothing to do: it is undone already, or others took it out",)


def test_a_session_is_undone_as_one_and_redone_as_one(here: Past) -> None:
    for text in ("a", "b"):
        here.does("remember", lambda draft, t=text: draft.remember(t), session="s1")  # type: ignore[misc]  # a default binds the loop's value
    here.remember("other")
    after = here.snapshot
    step = here.does(
        "undo", lambda draft: draft.apply(lambda now, past: undo_session(now, past, "s1"))
    )
    assert [entry.text for entry in here.snapshot.index.entries] == ["one", "two", "other"]
    assert step.commit.undoes == "c0002 c0001"
    with pytest.raises(NotFoundError):
        choose_session(here.records, "s1")
    here.undo(step.commit.id)
    assert here.snapshot == after


def test_an_index_that_goes_back_over_budget_is_not_compacted_again(past: Pasts) -> None:
    text = "# Mine\n\n## Facts\n\n" + "".join(f"- fact {n}\n" for n in range(20))
    here = past({"MEMORY.md": text}, Budget(12, 25_000))
    here.does("compact", lambda draft: draft.compact())
    assert here.text() != text
    back = here.undo()
    assert here.text() == text
    assert "over budget" in back.commit.notices[0]


def test_an_index_within_its_budget_stays_within_it(past: Pasts) -> None:
    here = past({"MEMORY.md": "# Mine\n\n" + "".join(f"- f{n}\n" for n in range(10))}, Budget(12))
    here.does("forget", lambda draft: draft.forget("f3"))
    here.remember("another", actor="you")
    here.undo("c0001")
    assert here.settings.budget.holds(here.text())
    kept = [e.text for p in here.snapshot.files for e in here.snapshot.document(p).entries]
    assert {"f3", "another"} <= set(kept)


def test_an_index_that_cannot_be_kept_within_its_budget_is_no_reason_to_refuse(past: Pasts) -> None:
    here = past({"MEMORY.md": "# Mine\n\n- a\n"}, Budget(6))
    here.does("forget", lambda draft: draft.forget("a"))
    here.outside({"MEMORY.md": "# Mine <!-- pin -->\n\n" + "- pinned\n" * 7})
    back = here.undo("c0001")
    assert [entry.text for entry in here.snapshot.index.entries].count("a") == 1
    assert any("over budget" in notice for notice in back.commit.notices)


def test_undone_is_a_function_of_files_and_a_record(here: Past) -> None:
    record = here.remember("first")
    back, clashes = undone(here.snapshot, record)
    assert (back.text("MEMORY.md"), clashes) == (INDEX["MEMORY.md"], ())
