"""A directory at one instant."""

from agent_memory.core.paths import INDEX
from agent_memory.core.revision import revision
from agent_memory.core.snapshot import Change, Skipped, Snapshot


def test_equal_bytes_have_equal_revisions() -> None:
    assert revision(b"a") == revision(b"a") != revision(b"b")
    assert len(revision(b"")) == 16


def test_the_revision_covers_names_and_bytes_but_not_their_order() -> None:
    one = Snapshot({"a.md": b"1", "b.md": b"2"})
    assert one.revision == Snapshot({"b.md": b"2", "a.md": b"1"}).revision
    assert one.revision != Snapshot({"a.md": b"2", "b.md": b"1"}).revision
    assert one.revision != Snapshot({"a.md": b"1"}).revision


def test_changes_are_ordered_and_say_what_was_made_changed_and_removed() -> None:
    before = Snapshot({"a.md": b"1", "b.md": b"2", "c.md": b"3"})
    assert before.changes_to({"a.md": b"1", "b.md": b"x", "0.md": b"new"}) == [
        Change("0.md", None, b"new"),
        Change("b.md", b"2", b"x"),
        Change("c.md", b"3", None),
    ]


def test_an_empty_new_file_is_a_change() -> None:
    assert Snapshot().changes_to({"a.md": b""}) == [Change("a.md", None, b"")]


def test_a_file_that_does_not_exist_reads_as_an_empty_document() -> None:
    snapshot = Snapshot({"b.md": b"", "a.md": b""}, (Skipped("x.bin", "not Markdown", 3),))
    assert snapshot.text(INDEX) == ""
    assert snapshot.index.entries == ()
    assert snapshot.topics == ["a.md", "b.md"]
    assert snapshot.with_files({}).skipped == snapshot.skipped


def test_what_is_one_with_a_new_file_on_some_disk_is_removed_first() -> None:
    before = Snapshot({"a.md": b"x", "b.md": b"x", "c.md": b"x"})
    after = {"A.md": b"x", "b.md": b"y", "0.md": b"x"}
    changes = before.changes_to(after)
    assert [(c.path, c.after) for c in changes] == [
        ("a.md", None), ("0.md", b"x"), ("A.md", b"x"), ("b.md", b"y"), ("c.md", None),
    ]  # fmt: skip
