"""What goes with a forgotten entry, and what stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent_memory.core.draft import Draft
from agent_memory.core.history import Record
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot

Drafted = Callable[..., Draft]
Recorded = Callable[[Draft], Record]


def after(snapshot: Snapshot, draft: Drafted, query: str, *records: Record) -> dict[str, str]:
    """The files, as text, once `query` is forgotten."""
    files = {path: snapshot.text(path) for path in snapshot.files}
    written = draft(files, records=records)
    written.forget(query)
    return {path: written.snapshot.text(path) for path in written.snapshot.files}


@pytest.mark.parametrize(
    "files",
    [
        {},
        {INDEX: ""},
        {INDEX: "\n\n"},
        {INDEX: "# M\n\n- a"},
        {INDEX: "# M\r\n\r\n- a\r\n"},
        {INDEX: "# M\n\nprose\n\n\n"},
        {INDEX: "# M\n\n- [A](a.md) — x", "a.md": "# A\n\ntext"},
        {INDEX: "- [A](a.md)\n", "a.md": "---\nname: a\n---\n"},
        {INDEX: "\ufeff# M\n\n```\nopen"},
    ],
)
@pytest.mark.parametrize("topic", [None, "a", "new"])
@pytest.mark.parametrize("section", [None, "M", "Brand new"])
def test_remember_then_forget_gives_back_the_same_bytes(
    files: dict[str, str], topic: str | None, section: str | None, draft: Drafted, record: Recorded
) -> None:
    written = draft(files)
    written.remember("a fact\nwith detail", topic, section)
    assert after(written.snapshot, draft, "a fact", record(written)) == files


def test_without_a_record_the_heading_and_the_topic_stay(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n\n- a\n"})
    written.remember("a fact", "new", "Part")
    files = after(written.snapshot, draft, "a fact")
    assert files["new.md"].endswith("# New\n\n## Part\n\n")
    assert "[New](new.md)" in files[INDEX]


def test_a_heading_that_was_made_goes_with_its_last_entry_only(
    draft: Drafted, record: Recorded
) -> None:
    first = draft({INDEX: "# M\n\n- a\n"})
    first.remember("one", section="Style")
    second = draft({INDEX: first.snapshot.text(INDEX)})
    second.remember("two", section="Style")
    records = (record(second), record(first))
    left = after(second.snapshot, draft, "one", *records)
    assert left == {INDEX: "# M\n\n- a\n\n## Style\n\n- two\n"}
    empty = after(Snapshot({INDEX: left[INDEX].encode()}), draft, "two", *records)
    assert empty == {INDEX: "# M\n\n- a\n"}


def test_a_topic_that_a_person_wrote_into_stays(draft: Drafted, record: Recorded) -> None:
    written = draft({INDEX: "# M\n\n- a\n"})
    written.remember("a fact", "new")
    files = dict(written.snapshot.files)
    files["new.md"] += b"\nA person's own words.\n"
    left = after(Snapshot(files), draft, "a fact", record(written))
    assert "A person's own words." in left["new.md"]
    assert "a fact" not in left["new.md"]
    assert "[New](new.md)" in left[INDEX]


def test_what_a_person_appended_elsewhere_stays_and_our_topic_goes(
    draft: Drafted, record: Recorded
) -> None:
    written = draft({INDEX: "# M\n\n- a\n"})
    written.remember("a fact", "new")
    files = dict(written.snapshot.files)
    files[INDEX] += b"\n## Theirs\n\n- b\n"
    files["other.md"] = b"- c\n"
    left = after(Snapshot(files), draft, "a fact", record(written))
    assert left == {INDEX: "# M\n\n- a\n\n## Theirs\n\n- b\n", "other.md": "- c\n"}


def test_all_copies_of_an_entry_go(draft: Drafted) -> None:
    files = {INDEX: "- same\n- b\n- same\n", "a.md": "# A\n\n* same\n\npara\n"}
    written = draft(files)
    written.forget("same")
    assert written.snapshot.text(INDEX) == "- b\n"
    assert [e.text for e in written.snapshot.document("a.md").entries] == ["para"]


def test_an_item_goes_with_everything_nested_in_it(draft: Drafted) -> None:
    written = draft({INDEX: "- a\n  - b\n\n    more\n- c\n"})
    written.forget("more")
    assert written.snapshot.text(INDEX) == "- c\n"


def test_forgetting_runs_no_neighbours_together(draft: Drafted) -> None:
    written = draft({INDEX: "a\n\n- gone\n\n---\nb\n"})
    written.forget("gone")
    kinds = [(e.kind, e.text) for e in written.snapshot.index.entries]
    assert kinds == [("paragraph", "a"), ("paragraph", "b")]
    assert written.snapshot.index.headings == ()


def test_a_row_that_is_older_than_the_topic_stays_with_its_author(
    draft: Drafted, record: Recorded
) -> None:
    """It led nowhere before somebody remembered something there, and does so again."""
    mine = "- [[alpha]] always first"
    written = draft({INDEX: f"{mine}\n"})
    written.remember("a fact", "alpha")
    by_others = Snapshot({**written.snapshot.files, "other.md": b"# Other\n"})
    left = after(by_others, draft, "a fact", record(written))
    assert left == {INDEX: f"{mine}\n", "other.md": "# Other\n"}
