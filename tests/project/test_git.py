"""What git saw deleted, what it tracks, and where its work tree is."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from agent_memory.project import git

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")


def run(folder: Path, *words: str) -> None:
    names = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *names, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """A memory below a repository's root, with a commit that holds four topics."""
    folder = tmp_path / "project/.claude/agent-memory/dev"
    folder.mkdir(parents=True)
    run(tmp_path / "project", "init", "-q")
    for name in ("gone.md", "größe two.md", "here.md", "a[b].md"):
        (folder / name).write_text(name)
    run(folder, "add", "-A")
    run(folder, "commit", "-qm", "all")
    return folder


@needs_git
def test_what_a_commit_deleted_was_deleted(memory: Path) -> None:
    for name in ("gone.md", "größe two.md", "a[b].md"):
        (memory / name).unlink()
    run(memory, "commit", "-qam", "less")
    asked = {"gone.md", "größe two.md", "a[b].md", "here.md", "never.md"}
    assert git.deleted(memory, asked) == {"gone.md", "größe two.md", "a[b].md"}


@needs_git
def test_what_is_gone_since_the_last_commit_was_deleted(memory: Path) -> None:
    (memory / "gone.md").unlink()
    run(memory, "rm", "-q", "a[[]b].md")
    assert git.deleted(memory, {"gone.md", "a[b].md", "here.md"}) == {"gone.md", "a[b].md"}


@needs_git
def test_a_name_is_never_a_pattern_or_an_option(memory: Path) -> None:
    (memory / "gone.md").unlink()
    run(memory, "commit", "-qam", "less")
    assert git.deleted(memory, {"*.md", ":/", "--all", "g?ne.md"}) == set()


@needs_git
def test_a_move_deleted_the_old_name(memory: Path) -> None:
    run(memory, "mv", "gone.md", "moved.md")
    run(memory, "commit", "-qm", "move")
    assert git.deleted(memory, {"gone.md", "moved.md"}) == {"gone.md"}


@needs_git
def test_without_a_repository_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git.deleted(tmp_path, {"gone.md"}) == set()
    assert git.deleted(tmp_path / "nowhere", {"gone.md"}) == set()


@needs_git
def test_a_repository_without_a_commit_knows_nothing(tmp_path: Path) -> None:
    run(tmp_path, "init", "-q")
    assert git.deleted(tmp_path, {"gone.md"}) == set()


def test_without_git_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git.deleted(tmp_path, {"gone.md"}) == set()
    assert git.deleted(tmp_path, {"a\0b.md"}) == set()


@needs_git
def test_the_work_tree_and_what_is_tracked_and_ignored_in_it(memory: Path) -> None:
    state = memory / ".agent-memory"
    state.mkdir()
    (state / "lock").write_text("")
    assert memory.resolve().is_relative_to(Path(git.work_tree(memory)).resolve())
    assert not git.is_ignored(memory, ".agent-memory")
    (state / ".gitignore").write_text("*\n")
    assert git.is_ignored(memory, ".agent-memory")
    assert git.tracked(memory) == ["a[b].md", "gone.md", "größe two.md", "here.md"]


def test_outside_of_a_repository_there_is_no_work_tree(tmp_path: Path) -> None:
    assert (git.work_tree(tmp_path), git.tracked(tmp_path)) == ("", [])
