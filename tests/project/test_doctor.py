"""What is around a memory: its file system, git, and the versions of what it stands on."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from agent_memory.core.checks.finding import Finding
from agent_memory.project import doctor
from agent_memory.project.mounts import Mount

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def found(directory: Path, code: str) -> Finding:
    (one,) = [one for one in doctor.examine(directory, "1.2.3") if one.code == code]
    return one


@pytest.mark.parametrize(
    ("mount", "severity", "said"),
    [
        (Mount("nfs4", "/"), "warning", "nfs4, which other machines may write to"),
        (Mount("ext4", "/", read_only=True), "warning", "mounted read-only at /"),
        (Mount("ext4", "/"), "info", "file system: ext4"),
        (None, "info", "unknown"),
    ],
)
def test_the_file_system_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mount: Mount | None, severity: str, said: str
) -> None:
    monkeypatch.setattr(doctor, "mount_of", lambda directory: mount)
    one = found(tmp_path, "DR001")
    assert (one.severity, said in one.message) == (severity, True)
    assert bool(one.hint) == (severity != "info")


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


@needs_git
def test_a_state_that_git_would_take_along_is_wrong(tmp_path: Path) -> None:
    assert found(tmp_path, "DR008").severity == "info"
    git(tmp_path, "init", "-q")
    (tmp_path / "MEMORY.md").write_text("# M\n")
    state = tmp_path / ".agent-memory"
    state.mkdir()
    (state / "lock").write_text("")
    one = found(tmp_path, "DR008")
    assert (one.severity, "is not ignored" in one.message) == ("warning", True)
    git(tmp_path, "add", ".")
    one = found(tmp_path, "DR008")
    assert (one.severity, one.path) == ("error", ".agent-memory/lock")
    git(tmp_path, "rm", "-rq", "--cached", ".agent-memory")
    (state / ".gitignore").write_text("*\n")
    one = found(tmp_path, "DR008")
    assert (one.severity, "1 files tracked" in one.message) == ("info", True)


def test_full_text_search_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> object:
        raise sqlite3.OperationalError("no such module: fts5")

    monkeypatch.setattr(sqlite3, "connect", none)
    one = found(tmp_path, "DR009")
    assert (one.severity, "no such module" in one.message) == ("warning", True)


def test_the_versions_of_all_that_it_stands_on_are_named(tmp_path: Path) -> None:
    one = found(tmp_path, "DR010")
    assert one.severity == "info"
    assert all(name in one.message for name in ("agent-memory 1.2.3", "Python 3.", "filelock"))
