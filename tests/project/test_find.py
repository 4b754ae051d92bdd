"""Every memory is found, nobody else's is, and always in the same order."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agent_memory.core.scope import Scope
from agent_memory.project.find import FoundMemory, find_memories

if TYPE_CHECKING:
    from pathlib import Path

SHARED = ".claude/agent-memory"
LOCAL = ".claude/agent-memory-local"


def memory(folder: Path, file: str = "MEMORY.md") -> Path:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("- a fact\n")
    return folder


def found(project: Path, config: Path | None = None) -> list[str]:
    memories = find_memories(project, config or project / "no-config")
    return [memory.path.relative_to(project).as_posix() for memory in memories]


def test_memories_of_the_project_its_sub_projects_and_the_user_are_found(tmp_path: Path) -> None:
    shop, config = tmp_path / "shop", tmp_path / "config"
    for folder in (
        shop / LOCAL / "bee",
        shop / "web" / "ui" / SHARED / "ant",
        shop / SHARED / "wasp",
        shop / SHARED / "bee",
        config / "agent-memory" / "bee",
    ):
        memory(folder)
    assert find_memories(shop, config) == [
        FoundMemory(shop / SHARED / "bee", "bee", Scope.PROJECT, "", True),
        FoundMemory(shop / SHARED / "wasp", "wasp", Scope.PROJECT, "", True),
        FoundMemory(shop / LOCAL / "bee", "bee", Scope.LOCAL, "", False),
        FoundMemory(shop / "web" / "ui" / SHARED / "ant", "ant", Scope.PROJECT, "web/ui", True),
        FoundMemory(config / "agent-memory" / "bee", "bee", Scope.USER, "", False),
    ]
    assert [memory.scope for memory in find_memories(None, config)] == [Scope.USER]


@pytest.mark.parametrize(
    "outside",
    [
        ".git",
        "node_modules",
        ".venv",
        "venv",
        "__pycache__",
        "target",
        "dist",
        "build",
        ".cache",
        ".claude/worktrees/x",
    ],
)
def test_folders_of_others_are_not_searched(tmp_path: Path, outside: str) -> None:
    memory(tmp_path / outside / SHARED / "bee")
    memory(tmp_path / "a" / outside / SHARED / "bee")
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("notes.md", True),
        ("deep/er/notes.MD", True),
        ("notes.txt", False),
        (".agent-memory/x.md", False),
    ],
)
def test_any_markdown_file_makes_a_memory(tmp_path: Path, file: str, counts: bool) -> None:
    memory(tmp_path / SHARED / "bee", file)
    assert found(tmp_path) == ([f"{SHARED}/bee"] if counts else [])


def test_an_empty_folder_is_no_memory(tmp_path: Path) -> None:
    (tmp_path / SHARED / "bee").mkdir(parents=True)
    assert found(tmp_path) == []


def test_links_to_directories_are_not_followed(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    elsewhere = memory(tmp_path / "elsewhere" / SHARED / "bee")
    (shop / SHARED).mkdir(parents=True)
    (shop / "link").symlink_to(tmp_path / "elsewhere")
    (shop / "loop").symlink_to(shop)
    (shop / SHARED / "linked").symlink_to(elsewhere)
    (shop / LOCAL).symlink_to(elsewhere.parent)
    assert found(shop) == []


def test_a_folder_that_cannot_be_read_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory(tmp_path / SHARED / "bee")
    memory(tmp_path / "closed" / SHARED / "bee")
    memory(tmp_path / SHARED / "closed")
    scandir = os.scandir

    def guarded(path: str) -> object:
        if os.path.basename(path) == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    assert found(tmp_path) == [f"{SHARED}/bee"]


def test_the_users_folder_is_not_taken_for_a_projects(tmp_path: Path) -> None:
    memory(tmp_path / SHARED / "bee")
    memories = find_memories(tmp_path, tmp_path / ".claude")
    assert [memory.scope for memory in memories] == [Scope.USER]


def test_another_base_folder_can_be_named(tmp_path: Path) -> None:
    memory(tmp_path / ".hive" / "agent-memory" / "bee")
    memory(tmp_path / SHARED / "bee")
    (only,) = find_memories(tmp_path, tmp_path / "none", base=".hive")
    assert only.path == tmp_path / ".hive" / "agent-memory" / "bee"


def test_one_memory_is_found_among_a_thousand_directories(tmp_path: Path) -> None:
    for number in range(1_000):
        (tmp_path / f"a{number % 10}" / f"b{number % 100}" / f"c{number}").mkdir(parents=True)
    memory(tmp_path / "a1" / "b1" / SHARED / "bee")
    assert found(tmp_path) == [f"a1/b1/{SHARED}/bee"]


def test_a_project_that_is_not_there_has_no_memories(tmp_path: Path) -> None:
    assert found(tmp_path / "gone") == []
