"""The other memories of a project, seen from one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_memory.project.siblings import siblings

if TYPE_CHECKING:
    from pathlib import Path


def files(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x\n")
    return folder


def test_the_files_of_other_memories_are_paths_from_this_one(tmp_path: Path) -> None:
    base = tmp_path / ".claude"
    files(base / "agent-memory/one", "MEMORY.md", "own.md")
    files(base / "agent-memory/two", "MEMORY.md", "deep/x.md", "y.MARKDOWN", "image.png")
    files(base / "agent-memory/two/.agent-memory", "state.md")
    files(base / "agent-memory-local/one", "z.md")
    assert siblings(str(base / "agent-memory/one")) == {
        "../two/MEMORY.md",
        "../two/deep/x.md",
        "../two/y.MARKDOWN",
        "../../agent-memory-local/one/z.md",
    }


def test_a_memory_elsewhere_has_none(tmp_path: Path) -> None:
    files(tmp_path / "two", "MEMORY.md")
    assert siblings(str(files(tmp_path / "one", "MEMORY.md"))) == frozenset()


def test_a_memory_that_is_not_there_yet_has_them_too(tmp_path: Path) -> None:
    files(tmp_path / "agent-memory/two", "a.md")
    assert siblings(str(tmp_path / "agent-memory/one")) == {"../two/a.md"}
