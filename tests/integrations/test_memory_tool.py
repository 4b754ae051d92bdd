"""The memory tool without its SDK: one memory or several under `/memories`."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from agent_memory import Memory, UnsafePathError
from agent_memory.core.paths import INDEX
from agent_memory.integrations.memory_tool import Mounts


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory.open(tmp_path / "m", actor="worker")


def command(name: str, path: str = "", **fields: object) -> dict[str, object]:
    return {"command": name, "path": f"/memories/{path}", **fields}


def test_what_was_given_is_stored_and_the_history_knows_who(memory: Memory) -> None:
    text = "# Mine\r\n\n\n*  odd   bullet  \n<!-- c -->\n\ttab, no end"
    made = memory.handle(command("create", INDEX, file_text=text), source="web")
    assert made.text == "File created successfully at: /memories/MEMORY.md"
    assert (memory.directory / INDEX).read_bytes() == text.encode()
    memory.handle(command("str_replace", INDEX, old_str="odd   bullet", new_str="even"))
    memory.handle(command("str_replace", INDEX, old_str="\n*  even  "))
    memory.handle(command("insert", INDEX, insert_line=0, insert_text="---\n"))
    memory.handle({"command": "rename", "old_path": "/memories/x.md", "new_path": "/memories/y.md"})
    memory.handle(command("create", "x.md", file_text=""))
    memory.handle(command("delete", "x.md"))
    log = memory.log()
    assert [commit.operation for commit in reversed(log)] == [
        "create", "str_replace", "str_replace", "insert", "create", "delete",
    ]  # fmt: skip
    assert {commit.actor for commit in log} == {"worker"}
    assert [commit.source for commit in log] == ["agent"] * 5 + ["web"]
    assert (memory.directory / INDEX).read_bytes() == (
        b"---\n# Mine\r\n\n\n<!-- c -->\n\ttab, no end\n"
    )


def test_the_commit_comes_with_the_result_and_can_be_undone(memory: Memory) -> None:
    memory.handle(command("create", "a.md", file_text="a\n"))
    gone = memory.handle(command("delete", "a.md"))
    assert gone.commit is not None
    memory.undo(gone.commit.id)
    assert (memory.directory / "a.md").read_bytes() == b"a\n"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("view", "cannot be read: command: "),
        ({"command": "shout", "path": "/memories"}, "'view', 'create', 'str_replace'"),
        ({"path": "/memories"}, "command"),
        (command("create", "a.md"), "create.file_text: Field required"),
        (command("insert", "a.md", insert_line="x", insert_text=""), "insert.insert_line: "),
        (command("str_replace", "a.md", old_str="", new_str="x"), "str_replace.old_str: "),
        (command("create", "a.md", file_text="half \ud83d"), "half a character (U+D83D)"),
        (command("create", "%2e%2e%2fa.md", file_text="x"), "percent-encoded"),
        (command("create", "..\\a.md", file_text="x"), "backslash"),
        (command("create", ".agent-memory/x.md", file_text="x"), "its own state"),
        (command("create", "memory.MD", file_text="x"), "would be one file on some systems"),
        (command("view", ".agent-memory"), "does not exist"),
        (command("view", "%2e%2e"), "does not exist"),
        (command("create", "a.md", file_text="AKIA" + "Z7Q2M4X9P1L8K3J6"), "AWS"),
        (command("create", "a.md", file_text="see\u200bme"), "zero-width"),
    ],
)
def test_what_cannot_be_is_a_text_and_changes_nothing(
    memory: Memory, wrong: dict[str, object], told: str
) -> None:
    result = memory.handle(wrong)
    assert result.is_error
    assert told.casefold() in result.text.casefold()
    assert "AKIA" not in result.text
    assert "allow" not in result.text
    assert not memory.directory.exists()


def test_an_old_secret_does_not_stand_in_the_way_of_other_edits(memory: Memory) -> None:
    memory.directory.mkdir()
    key, other = "AKIA" + "Z7Q2M4X9P1L8K3J6", "AKIA" + "Y7Q2M4X9P1L8K3J6"
    (memory.directory / "a.md").write_text(f"{key}\nold\n")
    assert not memory.handle(command("str_replace", "a.md", old_str="old", new_str="new")).is_error
    assert memory.handle(command("insert", "a.md", insert_line=0, insert_text=other)).is_error


def test_an_index_over_budget_is_said_and_not_touched(tmp_path: Path) -> None:
    from agent_memory import Budget

    memory = Memory.open(tmp_path / "m", budget=Budget(lines=10))
    text = "".join(f"- fact {n}\n" for n in range(12))
    result = memory.handle(command("create", INDEX, file_text=text))
    assert "note: MEMORY.md is over budget (12 lines" in result.text
    assert "move details into a topic" in result.text  # what a model without a shell can do
    assert (memory.directory / INDEX).read_text() == text


# -- several memories -----------------------------------------------------------------------------


@pytest.fixture
def mounts(tmp_path: Path) -> Mounts:
    user = Memory.open(tmp_path / "user")
    user.write("likes.md", "tea\n")
    return Mounts({"project": tmp_path / "project", "user": user}, read_only={"user"})


def test_a_tree_lists_its_memories_also_empty_ones(mounts: Mounts) -> None:
    seen = mounts.handle({"command": "view", "path": "/memories"}).text.splitlines()
    assert seen[1:] == [
        "4B\t/memories",
        "0B\t/memories/project/",
        "4B\t/memories/user/",
        "4B\t/memories/user/likes.md",
        "",
        "note: /memories/user is read-only",
    ]
    assert mounts.handle(command("view", "project")).text.endswith("0B\t/memories/project")


def test_a_command_goes_to_the_memory_that_its_path_names(mounts: Mounts) -> None:
    made = mounts.handle(command("create", "project/MEMORY.md", file_text="- a\n"))
    assert made.text == "File created successfully at: /memories/project/MEMORY.md"
    assert mounts.memories["project"].index.text == "- a\n"
    assert "tea" in mounts.handle(command("view", "user/likes.md")).text


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        (command("create", "user/x.md", file_text="x"), "/memories/user is read-only"),
        (command("delete", "user/likes.md"), "/memories/user is read-only"),
        (command("delete", "project"), "Cannot delete the /memories/project directory itself"),
        (command("delete", ""), "The memories are /memories/project, /memories/user"),
        (command("create", "x.md", file_text="x"), "The memories are /memories/project"),
        (command("view", "users/likes.md"), "does not exist"),
        (
            {"command": "rename", "old_path": "/memories/user/likes.md",
             "new_path": "/memories/project/likes.md"},
            "stays within one memory",
        ),
    ],
)  # fmt: skip
def test_what_a_tree_does_not_allow_is_said(
    mounts: Mounts, refused: dict[str, object], told: str
) -> None:
    result = mounts.handle(refused)
    assert result.is_error
    assert told in result.text
    assert mounts.memories["user"].document("likes").text == "tea\n"


def test_a_single_memory_can_be_read_only(tmp_path: Path) -> None:
    mounts = Mounts({"": tmp_path / "m"}, read_only={""})
    refused = mounts.handle(command("create", "x.md", file_text="x"))
    assert refused.text == "Error: /memories is read-only"
    assert not mounts.handle({"command": "view", "path": "/memories"}).is_error


def test_a_tree_is_named_sensibly_or_not_at_all(tmp_path: Path) -> None:
    for name in ("a/b", "..", ".x", "a.md"):
        with pytest.raises(UnsafePathError):
            Mounts({name: tmp_path})
    with pytest.raises(ValueError, match="stands alone"):
        Mounts({"": tmp_path, "a": tmp_path})
    with pytest.raises(ValueError, match="not mounted"):
        Mounts({"a": tmp_path}, read_only={"b"})


# -- many at once ---------------------------------------------------------------------------------


def _insert(directory: str, worker: int, times: int) -> None:
    memory = Memory.open(directory, actor=f"worker-{worker}")
    for n in range(times):
        line = command("insert", "log.md", insert_line=1, insert_text=f"{worker}.{n}\n")
        assert not memory.handle(line).is_error


def test_concurrent_insertions_at_the_same_line_all_survive(memory: Memory) -> None:
    memory.handle(command("create", "log.md", file_text="# Log\nend\n"))
    spawn = multiprocessing.get_context("spawn")
    workers = [
        spawn.Process(target=_insert, args=(str(memory.directory), number, 10))
        for number in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0] * 4
    head, *lines, end = memory.document("log").text.splitlines()
    assert (head, end) == ("# Log", "end")
    assert sorted(lines) == sorted(f"{worker}.{n}" for worker in range(4) for n in range(10))
