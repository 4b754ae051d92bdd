"""Restore: what a commit wrote comes back, or one file exactly as it stood."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from past import Past

from agent_memory.core.budget import Budget
from agent_memory.errors import ConflictError, NotFoundError, UnsafePathError

INDEX = "# Mine\n\n- one\n- two\n"
Pasts = Callable[..., Past]


@pytest.fixture
def here(past: Pasts) -> Past:
    return past({"MEMORY.md": INDEX})


def said(here: Past, path: str = "MEMORY.md") -> list[str]:
    return [entry.text for entry in here.snapshot.document(path).entries]


def test_what_others_overwrote_comes_back_beside_what_they_wrote(here: Past) -> None:
    here.remember("mine")
    here.outside({"MEMORY.md": INDEX + "- theirs\n"})
    done = here.restore("c0001")
    assert sorted(said(here)) == ["mine", "one", "theirs", "two"]
    assert (done.commit.operation, done.commit.undoes) == ("restore", None)
    assert done.commit.message == "restore c0001: remember “mine” in MEMORY.md"


def test_only_what_is_gone_comes_back(here: Past) -> None:
    here.does("edit", lambda draft: [draft.remember("a"), draft.remember("b")])
    here.does("forget", lambda draft: draft.forget("a"))
    here.restore("c0001")
    assert sorted(said(here)) == ["a", "b", "one", "two"]
    again = here.restore("c0001")
    assert again.commit.is_empty
    assert again.commit.notices == ("nothing to do: all of it is there",)


def test_a_restore_can_be_undone(here: Past) -> None:
    here.remember("mine")
    here.undo()
    before = here.snapshot
    here.restore("c0001")
    here.undo()
    assert here.snapshot == before


@pytest.mark.parametrize("how", ["forget", "remove"])
def test_what_a_commit_only_took_out_comes_back(here: Past, how: str) -> None:
    here.remember("bun", topic="tools")
    before = here.snapshot
    taken = here.does(how, lambda d: d.forget("bun") if how == "forget" else d.remove("tools"))
    here.restore(taken.commit.id)
    assert here.snapshot == before


def test_what_others_took_out_comes_back(here: Past) -> None:
    here.outside({"MEMORY.md": "# Mine\n\n- two\n"})
    here.restore("c0001")
    assert here.text() == INDEX


def test_what_moved_elsewhere_is_not_brought_back_a_second_time(here: Past) -> None:
    here.remember("bun")
    here.does("move", lambda draft: draft.move(draft.snapshot.index.entries[-1].id, "tools"))
    assert here.restore("c0001").commit.is_empty


def test_a_topic_that_was_renamed_is_not_made_again(here: Past) -> None:
    here.remember("bun", topic="tools")
    here.does("rename", lambda draft: draft.rename("tools", "tooling"))
    before = here.snapshot
    assert here.restore("c0001").commit.is_empty
    assert here.snapshot == before


def test_a_move_that_was_undone_is_made_again(here: Past) -> None:
    moved = here.does("move", lambda d: d.move(d.snapshot.index.entries[0].id, "tools"))
    after = here.snapshot
    here.undo()
    here.restore(moved.commit.id)
    assert here.snapshot == after


def test_an_entry_of_a_removed_topic_comes_back_alone_and_can_be_reached(here: Past) -> None:
    here.remember("bun", topic="tools")
    here.remember("uv", topic="tools")
    here.outside({"tools.md": None, "MEMORY.md": INDEX})
    here.restore("c0002")
    assert said(here, "tools.md") == ["uv"]
    assert "](tools.md)" in here.text()


def test_the_same_place_changed_by_others_is_a_conflict(here: Past) -> None:
    here.does("update", lambda draft: draft.update(draft.snapshot.index.entries[0].id, "one 1.3"))
    here.outside({"MEMORY.md": "# Mine\n\n- one 2.0\n- two\n"})
    with pytest.raises(ConflictError, match="is not brought back"):
        here.restore("c0001")


def test_a_commit_without_its_bytes_says_so(here: Past) -> None:
    here.without_bytes(here.remember("mine"))
    with pytest.raises(NotFoundError, match="no longer in the history"):
        here.restore("c0001")


# -- one file -------------------------------------------------------------------------------------


def test_a_file_comes_back_exactly_as_it_stood_after_the_commit(here: Past) -> None:
    here.remember("mine")
    stood = here.text()
    here.outside({"MEMORY.md": "all else\n"})
    done = here.restore("c0001", "MEMORY")
    assert here.text() == stood
    assert done.commit.message == "restore MEMORY.md as it stood after c0001"


def test_a_file_that_the_commit_did_not_touch_is_as_the_last_one_before_left_it(here: Past) -> None:
    here.remember("bun", topic="tools")
    stood = here.text("tools.md")
    here.remember("other")
    here.outside({"tools.md": None})
    here.restore("c0002", "tools")
    assert here.text("tools.md") == stood


def test_a_file_that_only_later_commits_touch_is_as_they_found_it(here: Past) -> None:
    here.outside({"t.md": "# T\n\n- a\n"}, recorded=False)
    here.remember("other")
    here.remember("b", topic="t")
    here.restore("c0001", "t")
    assert here.text("t.md") == "# T\n\n- a\n"


def test_a_file_that_no_commit_touches_is_there_already(here: Past) -> None:
    here.outside({"t.md": "# T\n"}, recorded=False)
    here.remember("other")
    assert here.restore("c0001", "t").commit.is_empty


def test_a_file_that_the_commit_removed_is_as_it_stood_before(here: Past) -> None:
    here.remember("bun", topic="tools")
    stood = here.text("tools.md")
    here.does("remove", lambda draft: draft.remove("tools"))
    here.restore("c0002", "tools")
    assert here.text("tools.md") == stood
    assert "](tools.md)" in here.text()  # else no agent would see it


@pytest.mark.parametrize("commit_id", ["c0001", "c0004"])
def test_a_file_that_did_not_exist_then_is_not_found(here: Past, commit_id: str) -> None:
    here.remember("first")
    here.remember("bun", topic="tools")
    here.does("remove", lambda draft: draft.remove("tools"))
    here.remember("last")
    with pytest.raises(NotFoundError, match=r"tools\.md did not exist after"):
        here.restore(commit_id, "tools")


def test_a_file_that_others_made_since_did_not_exist_though_no_commit_names_it(here: Past) -> None:
    here.found()
    here.remember("mine")
    here.outside({"new.md": "# New\n"}, recorded=False)
    with pytest.raises(NotFoundError, match=r"new\.md did not exist after c0002"):
        here.restore("c0002", "new")


def test_where_the_history_was_trimmed_a_file_that_no_commit_names_is_as_it_was(
    past: Pasts,
) -> None:
    here = past({"MEMORY.md": INDEX, "old.md": "# Old\n"})
    here.remember("mine")
    assert here.restore("c0001", "old").commit.is_empty


def test_a_file_that_never_was_is_not_found(here: Past) -> None:
    here.remember("first")
    with pytest.raises(NotFoundError, match=r"no topic nothing\.md"):
        here.restore("c0001", "nothing")
    with pytest.raises(UnsafePathError):
        here.restore("c0001", "../MEMORY")


def test_a_file_whose_bytes_are_gone_says_so(here: Past) -> None:
    record = here.remember("bun", topic="tools")
    here.remember("other")
    here.without_bytes(record)
    with pytest.raises(NotFoundError, match="no longer in the history"):
        here.restore("c0002", "tools")


def test_a_name_that_would_be_one_with_another_is_refused(here: Past) -> None:
    here.remember("bun", topic="Tools")
    here.does("remove", lambda draft: draft.remove("Tools"))
    here.outside({"tools.md": "# tools\n"})
    with pytest.raises(UnsafePathError):
        here.restore("c0002", "Tools.md")


def test_an_index_over_budget_comes_back_as_it_stood_and_it_is_said(past: Pasts) -> None:
    here = past({"MEMORY.md": "".join(f"- f{n}\n" for n in range(9))}, Budget(6))
    stood = here.text()
    here.found()
    here.outside({"MEMORY.md": "- f0\n"})
    done = here.restore("c0001", "MEMORY")
    assert here.text() == stood
    assert "over budget" in done.commit.notices[0]
