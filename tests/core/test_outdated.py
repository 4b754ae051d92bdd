"""Writing over an older version: which one it was, the merge, and what a clash says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent_memory.core import outdated
from agent_memory.core.draft import Draft
from agent_memory.core.history import Record
from agent_memory.core.paths import INDEX
from agent_memory.core.revision import revision
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import ConflictError, NotFoundError, PolicyError

Drafted = Callable[..., Draft]
Recorded = Callable[[Draft], Record]
BASE = "# M\n\n- one\n- two\n- three\n"
THEIRS = BASE.replace("three", "3")


def text_of(draft: Draft, path: str = INDEX) -> str:
    return draft.snapshot.text(path)


def of(text: str) -> str:
    return revision(text.encode())


# -- write


def test_a_stale_write_is_merged_where_its_base_is_given(draft: Drafted) -> None:
    written = draft({INDEX: THEIRS})
    written.write(INDEX, BASE.replace("one", "1"), base=BASE)
    assert text_of(written) == "# M\n\n- 1\n- two\n- 3\n"
    assert "their changes and these are both in it" in written.notices[0]


def test_a_stale_write_is_merged_where_the_history_knows_its_base(
    draft: Drafted, record: Recorded
) -> None:
    first = draft({INDEX: BASE})
    first.remember("four")
    records = (record(first),)
    written = draft({INDEX: text_of(first)}, records=records)
    written.write(INDEX, BASE.replace("one", "1"), expected=of(BASE))
    assert text_of(written) == "# M\n\n- 1\n- two\n- three\n- four\n"


def test_a_base_that_is_not_what_was_expected_is_no_base(draft: Drafted) -> None:
    with pytest.raises(ConflictError, match="changed since it was read") as caught:
        draft({INDEX: THEIRS}).write(INDEX, "new\n", expected=of(BASE), base="something else")
    assert caught.value.path == ""


def test_a_clash_names_the_place_and_both_texts_and_changes_nothing(draft: Drafted) -> None:
    written = draft({INDEX: THEIRS})
    ours = BASE.replace("three", "III")
    with pytest.raises(ConflictError) as caught:
        written.write(INDEX, ours, base=BASE)
    error = caught.value
    assert "MEMORY.md:5 " in error.message
    assert "“- 3” stands where “- III” would be" in error.message
    assert (error.path, error.line) == (INDEX, 5)
    assert (error.base, error.ours, error.theirs) == (BASE, ours, THEIRS)
    assert "agent-memory conflicts resolve" in error.hint
    assert text_of(written) == THEIRS


def test_a_file_that_others_removed_is_a_clash_unless_nothing_was_changed(draft: Drafted) -> None:
    with pytest.raises(ConflictError, match=r"a\.md was removed by others") as caught:
        draft().write("a.md", "new\n", base="old\n")
    assert (caught.value.path, caught.value.ours) == ("a.md", "new\n")
    unchanged = draft()
    unchanged.write("a.md", "old\n", base="old\n")
    assert unchanged.changes() == []


def test_what_others_have_written_already_is_nothing_to_do(draft: Drafted) -> None:
    written = draft({INDEX: THEIRS})
    written.write(INDEX, THEIRS, base=BASE)
    assert written.changes() == []
    assert written.notices == ["nothing to do: others have written the same to MEMORY.md"]


def test_a_merge_keeps_an_index_within_its_budget(draft: Drafted) -> None:
    base = "# M\n\n" + "".join(f"- fact {number}\n" for number in range(16))
    top, end = "- fact 0\n", "- fact 15\n"
    theirs = base.replace(top, top + "- a\n- b\n- c\n")
    written = draft({INDEX: theirs}, lines=22)
    written.write(INDEX, base.replace(end, end + "- x\n- y\n- z\n"), base=base)
    assert written.settings.budget.holds(text_of(written))
    assert written.moved
    every = "".join(map(written.snapshot.text, written.snapshot.files))
    assert all(f"- {name}\n" in every for name in ("a", "b", "c", "x", "y", "z", "fact 7"))


def test_only_the_lines_that_a_change_adds_are_screened(draft: Drafted) -> None:
    key = "- the key is AKIAIOSFODNN7EXAMPLE"
    written = draft({INDEX: f"# M\n\n- a\n{key}"})
    written.write(INDEX, f"# M\n\n{key}\n- b\n", base=f"# M\n\n{key}")
    assert text_of(written) == f"# M\n\n- a\n{key}\n- b\n"
    with pytest.raises(PolicyError):
        draft({INDEX: "# M\n\n- b\n"}).write(INDEX, f"# M\n\n{key}\n", base="# M\n\n- a\n")


# -- played again on what others wrote meanwhile


def again(draft: Draft, files: dict[str, str]) -> Draft:
    return draft.replayed(Snapshot({path: text.encode() for path, text in files.items()}))


def test_writes_of_a_long_draft_are_merged_one_after_the_other(draft: Drafted) -> None:
    long = draft({INDEX: BASE})
    long.write(INDEX, BASE.replace("one", "1"), expected=of(BASE))
    long.write(INDEX, BASE.replace("one", "1") + "- four\n", expected=of(text_of(long)))
    assert text_of(again(long, {INDEX: THEIRS})) == "# M\n\n- 1\n- two\n- 3\n- four\n"


def test_a_new_file_that_others_made_meanwhile_is_a_clash_unless_it_is_the_same(
    draft: Drafted,
) -> None:
    long = draft({INDEX: BASE})
    long.write("a.md", "- mine\n")
    assert again(long, {INDEX: BASE, "a.md": "- mine\n"}).changes() == []
    with pytest.raises(ConflictError, match="written by others, too") as caught:
        again(long, {INDEX: BASE, "a.md": "- theirs\n"})
    assert caught.value.path == "a.md"


def test_an_update_of_what_others_changed_or_removed_is_a_clash(draft: Drafted) -> None:
    long = draft({INDEX: BASE})
    long.update(long.snapshot.index.entries[1].id, "II")
    for theirs in (BASE.replace("two", "2"), BASE.replace("- two\n", "")):
        with pytest.raises(ConflictError) as caught:
            again(long, {INDEX: theirs})
        assert (caught.value.base, caught.value.theirs) == (BASE, theirs)
        assert "- II\n" in caught.value.ours
    assert text_of(again(long, {INDEX: BASE.replace("two", "II")})) == BASE.replace("two", "II")


def test_an_entry_that_others_moved_is_updated_where_it_is(draft: Drafted) -> None:
    long = draft({INDEX: BASE})
    long.update(long.snapshot.index.entries[1].id, "II")
    moved = {INDEX: BASE.replace("- two\n", ""), "a.md": "- two\n"}
    assert text_of(again(long, moved), "a.md") == "- II\n"


def test_forgetting_what_is_gone_is_done_and_what_is_new_stays(draft: Drafted) -> None:
    long = draft({INDEX: BASE})
    long.forget("two")
    gone = again(long, {INDEX: "# M\n\n- one\n- two more\n"})
    assert text_of(gone) == "# M\n\n- one\n- two more\n"
    assert gone.notices == ["nothing to do: “two” is gone already"]
    with pytest.raises(NotFoundError):
        gone.forget("three")


def test_a_move_of_what_is_gone_is_left_out_and_said(draft: Drafted) -> None:
    long = draft({INDEX: BASE})
    long.move(long.snapshot.index.entries[1].id, "numbers")
    gone = again(long, {INDEX: BASE.replace("two", "2")})
    assert text_of(gone) == BASE.replace("two", "2")
    assert gone.notices == ["“two” is not moved: others have changed it or taken it out"]


def test_a_topic_that_others_wrote_to_is_not_removed_unseen(draft: Drafted) -> None:
    long = draft({INDEX: BASE, "a.md": "- x\n"})
    long.remove("a.md")
    with pytest.raises(ConflictError, match="since it was to be removed"):
        again(long, {INDEX: BASE, "a.md": "- x\n- theirs\n"})
    gone = again(long, {INDEX: BASE})
    assert gone.notices == ["nothing to do: others have removed a.md already"]


def test_a_known_version_is_looked_for_in_the_given_base_first() -> None:
    earlier = Snapshot({"a.md": b"earlier"})
    assert list(outdated.versions("a.md", "given", earlier, ())) == [b"given", b"earlier"]
    assert list(outdated.versions("b.md", None, earlier, ())) == []
