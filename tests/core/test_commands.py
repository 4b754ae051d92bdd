"""The memory tool's commands, as pure edits of files."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_memory.core import commands
from agent_memory.core import text as texts
from agent_memory.core.commands import Refused, Target
from agent_memory.core.draft import Draft
from agent_memory.core.paths import INDEX
from agent_memory.core.sheet import Settings
from agent_memory.core.snapshot import Skipped, Snapshot

Drafted = Callable[..., Draft]


def at(path: str) -> Target:
    return Target(f"/memories/{path}".rstrip("/"), path)


def shown(snapshot: Snapshot, path: str, *view_range: int) -> list[str]:
    return commands.view(snapshot, at(path), view_range or None).splitlines()


@pytest.mark.parametrize(
    "path", ["/memoriesfoo", "/memories..", "memories", "/", "", "/x/memories"]
)
def test_only_what_is_below_memories_is_there(path: str) -> None:
    with pytest.raises(Refused, match="must start with /memories"):
        commands.below_root(path)


@pytest.mark.parametrize("path", ["/memories/..", "/memories/a/../../b", "/memories/../memories"])
def test_nothing_climbs_out(path: str) -> None:
    with pytest.raises(Refused, match="would escape /memories directory"):
        commands.below_root(path)


def test_slashes_too_many_mean_nothing() -> None:
    assert commands.below_root("/memories/") == ""
    assert commands.below_root("/memories//a/./b/") == "a/b"


def test_a_listing_goes_two_levels_deep_and_counts_what_lies_below() -> None:
    snapshot = Snapshot(
        {INDEX: b"x" * 1536, "a/b/c.md": b"12", "a/d.md": b"3", "node_modules/x.md": b"no"},
        (Skipped("pic.png", "not Markdown", 5), Skipped("out", "a link that points out", 5)),
    )
    head, *lines = shown(snapshot, "")
    assert head == (
        "Here're the files and directories up to 2 levels deep in /memories,"
        " excluding hidden items and node_modules:"
    )
    assert lines == [
        "1.5K\t/memories",
        "1.5K\t/memories/MEMORY.md",
        "3B\t/memories/a/",
        "2B\t/memories/a/b/",
        "1B\t/memories/a/d.md",
        "5B\t/memories/pic.png",
    ]
    assert shown(snapshot, "a/b")[1:] == ["2B\t/memories/a/b", "2B\t/memories/a/b/c.md"]
    assert shown(Snapshot(), "")[1:] == ["0B\t/memories"]


def test_a_view_may_be_of_some_lines_and_stays_within_the_file() -> None:
    snapshot = Snapshot({"a.md": b"1\n2\n3\n"})
    assert shown(snapshot, "a.md", 2, 3)[1:] == ["     2\t2", "     3\t3"]
    assert shown(snapshot, "a.md", 2, -1) == shown(snapshot, "a.md", 2, 99)
    assert shown(snapshot, "a.md", 0, 1)[1:] == ["     1\t1"]
    for wrong in ((4, -1), (3, 2), (1,), (1, 2, 3)):
        with pytest.raises(Refused, match=r"within \[1, 3\]"):
            shown(snapshot, "a.md", *wrong)


def test_a_view_of_a_large_file_ends_and_says_where_to_go_on() -> None:
    snapshot = Snapshot({"a.md": b"a line of some length\n" * 9000, "b.md": b"x" * 200_000})
    text = commands.view(snapshot, at("a.md"))
    assert len(text) < commands.PAGE + 1000
    last = len(text.splitlines()) - 3
    assert text.endswith(f"are not shown; continue with view_range [{last + 1}, -1]")
    assert shown(snapshot, "a.md", last + 1, -1)[1].startswith(f"  {last + 1}\ta line")
    text = commands.view(snapshot, at("b.md"))
    assert len(text) < commands.PAGE + 1000
    assert "note: line 1 is cut: it has 200,000 characters" in text


def test_bytes_that_are_not_utf8_can_be_seen_and_survive_an_edit(draft: Drafted) -> None:
    page = draft({"a.md": "caf\udce9\nold\n"})
    assert "not UTF-8" in commands.view(page.snapshot, at("a.md"))
    commands.str_replace(page, at("a.md"), "old", "new")
    assert page.snapshot.files["a.md"] == b"caf\xe9\nnew\n"


def test_plain_text_is_kept_as_well(draft: Drafted) -> None:
    page = draft()
    commands.create(page, at("a.txt"), "not # Markdown")
    commands.rename(page, at("a.txt"), at("b.txt"))
    assert page.snapshot.files == {"b.txt": b"not # Markdown"}


def test_an_empty_file_can_be_made_and_seen(draft: Drafted) -> None:
    page = draft()
    commands.create(page, at("a.md"), "")
    assert page.snapshot.files == {"a.md": b""}
    assert shown(page.snapshot, "a.md")[1:] == ["     1\t"]


def test_replaced_text_may_span_lines_and_the_snippet_shows_all_of_them(draft: Drafted) -> None:
    page = draft({"a.md": "1\n2\n3\n4\n5\n6\n7\n"})
    said = commands.str_replace(page, at("a.md"), "3\n4\n", "three\nfour\nfive\n")
    assert page.snapshot.text("a.md") == "1\n2\nthree\nfour\nfive\n5\n6\n7\n"
    assert [line.split("\t")[1] for line in said.splitlines()[1:]] == [
        "1", "2", "three", "four", "five", "5", "6",
    ]  # fmt: skip


def test_text_is_found_whatever_ends_the_lines(draft: Drafted) -> None:
    page = draft({"a.md": "one\r\ntwo\r\nthree\r\n"})
    commands.str_replace(page, at("a.md"), "one\ntwo", "1\n2")
    assert page.snapshot.files["a.md"] == b"1\r\n2\r\nthree\r\n"


def test_overlapping_places_are_all_named(draft: Drafted) -> None:
    page = draft({"a.md": "aaa\nb\n"})
    with pytest.raises(Refused, match="in lines: 1, 1"):
        commands.str_replace(page, at("a.md"), "aa", "x")


def test_a_file_emptied_by_a_replacement_stays(draft: Drafted) -> None:
    page = draft({"a.md": "all\n"})
    commands.str_replace(page, at("a.md"), "all\n", "")
    assert page.snapshot.files == {"a.md": b""}


@pytest.mark.parametrize(
    ("line", "text", "after"),
    [
        (0, "new", "new\none\ntwo\n"),
        (1, "new\n", "one\nnew\ntwo\n"),
        (2, "new\n\n", "one\ntwo\nnew\n\n"),
    ],
)
def test_inserted_text_is_lines_of_its_own(
    draft: Drafted, line: int, text: str, after: str
) -> None:
    page = draft({"a.md": "one\ntwo"})
    commands.insert(page, at("a.md"), line, text)
    assert page.snapshot.text("a.md") == after


def test_an_inserted_line_ends_as_the_others_do(draft: Drafted) -> None:
    page = draft({"a.md": "one\r\ntwo\r\n"})
    commands.insert(page, at("a.md"), 1, "new")
    assert page.snapshot.files["a.md"] == b"one\r\nnew\r\ntwo\r\n"


def test_what_leads_to_a_deleted_or_moved_file_goes_along_and_is_said(draft: Drafted) -> None:
    page = draft({INDEX: "# M\n\n- [A](a.md)\n- [B](b.md)\n", "a.md": "# A\n", "b.md": "# B\n"})
    commands.rename(page, at("a.md"), at("deep/c.md"))
    commands.delete(page, at("b.md"))
    assert page.snapshot.text(INDEX) == "# M\n\n- [A](deep/c.md)\n"
    assert "the links in MEMORY.md follow" in page.notices
    assert "the rows of MEMORY.md that led there are gone, too" in page.notices


def test_a_folder_moves_and_goes_whole(draft: Drafted) -> None:
    page = draft({"a/1.md": "see [two](b/2.md)\n", "a/b/2.md": "# 2\n", "c.md": "[1](a/1.md)\n"})
    commands.rename(page, at("a"), at("z"))
    assert {path: page.snapshot.text(path) for path in page.snapshot.files} == {
        "z/1.md": "see [two](b/2.md)\n",
        "z/b/2.md": "# 2\n",
        "c.md": "[1](z/1.md)\n",
    }
    commands.delete(page, at("z"))
    assert list(page.snapshot.files) == ["c.md"]


def test_what_is_not_ours_stays_in_a_deleted_folder() -> None:
    snapshot = Snapshot({"a/1.md": b"1\n"}, (Skipped("a/p.png", "not Markdown", 3),))
    page = Draft(snapshot, Settings())
    commands.delete(page, at("a"))
    assert page.snapshot.files == {}
    assert "a/p.png stays where it is: not Markdown" in page.notices


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("a.md", "b.md", "destination /memories/b.md already exists"),
        ("a.md", "", "already exists"),
        ("d", "d/e", "lies within"),
        ("a.md", "p.png/x.md", "cannot be read here: not Markdown"),
        ("", "x", "Cannot rename the /memories directory itself"),
        ("a.md", "a.xml", "use /memories/a.md instead"),
        ("a.md", "a", "use /memories/a.md instead"),
        ("no.md", "x.md", "/memories/no.md does not exist"),
    ],
)
def test_a_rename_that_cannot_be_is_refused(old: str, new: str, told: str) -> None:
    files = {"a.md": b"a\n", "b.md": b"b\n", "d/c.md": b"c\n"}
    page = Draft(Snapshot(files, (Skipped("p.png", "not Markdown", 1),)), Settings())
    with pytest.raises(Refused, match=told):
        commands.rename(page, at(old), at(new))
    assert page.changes() == []


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("notes.xml", "only Markdown and plain text are kept here; use /memories/notes.md"),
        ("notes", "use /memories/notes.md instead"),
        ("v1.2-plan", "use /memories/v1.2-plan.md instead"),
        ("d", "/memories/d is a directory"),
        ("a.md", "File /memories/a.md already exists"),
        ("", "is a directory"),
    ],
)
def test_a_file_that_cannot_be_made_is_refused(draft: Drafted, path: str, told: str) -> None:
    page = draft({"a.md": "a\n", "d/c.md": "c\n"})
    with pytest.raises(Refused, match=told):
        commands.create(page, at(path), "text")


def test_the_index_stays(draft: Drafted) -> None:
    page = draft({INDEX: "- a\n"})
    with pytest.raises(Refused, match="is the index and stays"):
        commands.delete(page, at(INDEX))


def test_advice_comes_with_what_is_stored(draft: Drafted) -> None:
    page = draft({INDEX: "# M\n"}, lines=3)
    commands.create(page, at("a.md"), "Probably port 8080\n")
    commands.insert(page, at(INDEX), 1, "- a\n- b\n- c\n")
    assert page.snapshot.text(INDEX) == "# M\n- a\n- b\n- c\n"
    told = "\n".join(page.notices)
    assert "a.md is linked from nowhere" in told
    assert "reads like a guess" in told
    assert "MEMORY.md is over budget (4 lines" in told


_LINE = st.text("ab \t\r\n#-é", max_size=6)


@given(st.lists(_LINE, max_size=6), st.data())
def test_an_insertion_moves_lines_and_changes_none(lines: list[str], data: st.DataObject) -> None:
    before = "".join(lines)
    page = Draft(Snapshot({"a.md": before.encode()}), Settings())
    count = len(texts.lines(before))
    line = data.draw(st.integers(0, count))
    commands.insert(page, at("a.md"), line, "NEW")
    after = [texts.bare(one) for one in texts.lines(page.snapshot.text("a.md"))]
    assert after.pop(line) == "NEW"
    assert after == [texts.bare(one) for one in texts.lines(before)]
