"""A reply is short and on lines of its own."""

from __future__ import annotations

from datetime import UTC, datetime

from agent_memory import errors
from agent_memory.core import replies
from agent_memory.core.budget import Budget
from agent_memory.core.history import Commit
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Skipped, Snapshot


def commit(**fields: object) -> Commit:
    return Commit("c1", datetime(2026, 1, 1, tzinfo=UTC), "me", "write", "write a.md", **fields)  # type: ignore[arg-type]


def test_an_entry_of_many_lines_is_one_line_of_a_reply() -> None:
    (entry,) = Snapshot({"a.md": b"- first\n  - second\n"}).document("a.md").entries
    assert replies.named(entry) == f"a.md:1 (id {entry.id}): first - second"


def test_a_commit_without_an_entry_names_its_files() -> None:
    made = commit(changed=("a.md", "b.md"), notices=("look",))
    assert replies.done(made, "wrote", None).text == "wrote a.md, b.md\nnote: look"


def test_what_others_changed_meanwhile_has_no_place() -> None:
    made = commit(changed=("a.md",), entry="0" * 10)
    assert replies.written(made, Snapshot({"a.md": b"- other\n"})) is None


def test_nothing_to_say_is_said() -> None:
    assert replies.done(commit(), "wrote", None).text == "nothing changed"


def test_an_error_speaks_of_the_tools_and_lists_the_choices() -> None:
    lost = errors.NotFoundError("no entry has it", "`agent-memory show`", ("a", "b"))
    failed = replies.failed(lost)
    assert failed.is_error
    assert failed.text == (
        "error: no entry has it\n"
        "memory_search finds entries by words; memory_view shows their ids, and the topics"
        "\n- a\n- b"
    )
    assert replies.failed(errors.StorageError("full", "make room")).text == "error: full\nmake room"


def test_a_line_longer_than_a_page_is_cut_and_the_next_one_can_be_asked_for() -> None:
    snapshot = Snapshot({"a.md": ("x" * 90_000 + "\ny\n").encode()})
    shown = replies.opened(snapshot, "a.md", Budget()).text
    assert len(shown) < replies.PAGE + 200
    assert shown.endswith("start_line=2)")
    assert replies.opened(snapshot, "a.md", Budget(), 2).text.endswith("   2 y")
    assert replies.opened(snapshot, "a.md", Budget(), 99).text.endswith("   2 y")


def test_a_file_that_is_not_read_and_one_that_nothing_leads_to_are_told_apart() -> None:
    snapshot = Snapshot({INDEX: b"# M\n", "lost.md": b"# Lost\n"}, (Skipped("a.png", "no", 3),))
    assert replies.opened(snapshot, INDEX, Budget()).text.splitlines()[-3:] == [
        "topics:",
        "- a.png, 0 lines: no",
        "- lost.md, 1 line: Lost (linked from nowhere)",
    ]


def test_a_list_of_topics_ends() -> None:
    snapshot = Snapshot({f"t{n:03}.md": b"# T\n" for n in range(150)})
    assert replies.opened(snapshot, INDEX, Budget()).text.endswith("- and 50 more")
