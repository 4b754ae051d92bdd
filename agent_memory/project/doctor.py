"""What around a memory may harm it: the file system, git, the versions of what we stand on."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

from agent_memory.core.checks.finding import Finding, Severity
from agent_memory.project import git
from agent_memory.project.mounts import mount_of

STATE = ".agent-memory"
_LIBRARIES = (
    "filelock", "markdown-it-py", "pydantic", "rapidfuzz", "rich", "ruamel.yaml", "typer",
)  # fmt: skip


def examine(directory: Path, version: str) -> Iterator[Finding]:
    """How it is around a memory, with our own version; what is not `info` says what to do."""
    yield _file_system(directory)
    yield from _git(directory)
    yield _full_text_search()
    yield _versions(version)


def _said(code: str, severity: Severity, message: str, hint: str = "", path: str = "") -> Finding:
    return Finding(code, severity, path, 0, message, hint)


def _file_system(directory: Path) -> Finding:
    mount = mount_of(directory)
    if mount is None:
        return _said("DR001", "info", "file system: unknown")
    if mount.is_network:
        return _said(
            "DR001", "warning", f"file system: {mount.kind}, which other machines may write to",
            "its locks may be local to one machine: let only one machine write to this memory",
        )  # fmt: skip
    if mount.read_only:
        return _said(
            "DR001", "warning", f"file system: {mount.kind}, mounted read-only at {mount.point}",
            "reading works; to write, mount it so that you may",
        )  # fmt: skip
    return _said("DR001", "info", f"file system: {mount.kind}")


def _git(directory: Path) -> Iterator[Finding]:
    root = git.work_tree(directory)
    if not root:
        yield _said("DR008", "info", "git: not in a work tree, or there is no git")
        return
    tracked = git.tracked(directory)
    ours = [path for path in tracked if STATE in path.split("/")]
    if ours:
        yield _said(
            "DR008", "error", f"git: {len(ours)} files of {STATE}/ are tracked in {root}",
            f"git rm -r --cached {STATE} in the memory: it is this machine's own", ours[0],
        )  # fmt: skip
    elif (directory / STATE).exists() and not git.is_ignored(directory, STATE):
        yield _said(
            "DR008", "warning", f"git: {STATE}/ is not ignored in {root}",
            f"write `*` into {STATE}/.gitignore: history and locks are this machine's own", STATE,
        )  # fmt: skip
    else:
        said = f"{len(tracked)} files tracked" if tracked else "nothing of it is tracked"
        yield _said("DR008", "info", f"git: in the work tree {root}, {said}")


def _full_text_search() -> Finding:
    try:
        import sqlite3

        with sqlite3.connect(":memory:") as connection:
            connection.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
        connection.close()
    except ImportError:
        said = "this Python has no sqlite3"
    except sqlite3.Error as error:
        said = str(error)
    else:
        return _said("DR009", "info", f"full-text search: SQLite {sqlite3.sqlite_version}, FTS5")
    return _said(
        "DR009", "warning", f"full-text search: none ({said})",
        "searches go through every file; a Python with SQLite's FTS5 makes them faster",
    )  # fmt: skip


def _versions(ours: str) -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    parts = [f"agent-memory {ours}", f"Python {platform.python_version()}"]
    missing = []
    for name in _LIBRARIES:
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    said = f"versions: {', '.join(parts)}"
    if missing:
        hint = f"install {', '.join(missing)}: pip install agent-memory"
        return _said("DR010", "warning", f"{said}; not found: {', '.join(missing)}", hint)
    return _said("DR010", "info", said)
