"""What git knows about a memory's files, where there is git."""

from __future__ import annotations

import subprocess
from collections.abc import Collection
from pathlib import Path

_SECONDS = 20


def deleted(directory: Path, paths: Collection[str]) -> set[str]:
    """Those of `paths` (relative to `directory`) that git saw deleted: ever, or since HEAD.

    Empty where there is no git, no repository, or no answer within 20 seconds.
    """
    if not paths or not directory.is_dir():
        return set()
    asked = ("-z", "--relative", "--no-renames", "--diff-filter=D", "--name-only", "--no-ext-diff")
    seen = _names(directory, "log", "--no-show-signature", "--format=", *asked, paths=paths)
    seen |= _names(directory, "diff", *asked, "HEAD", paths=paths)
    return seen & set(paths)


def work_tree(directory: Path) -> str:
    """The top folder of the git work tree that a directory is in, "" where there is none."""
    return _answer(directory, "rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape")


def tracked(directory: Path) -> list[str]:
    """The files below a directory that git tracks, as paths from it."""
    said = _answer(directory, "ls-files", "-z").decode("utf-8", "surrogateescape")
    return [name for name in said.split("\0") if name]


def is_ignored(directory: Path, path: str) -> bool:
    """Whether git would take along nothing that is at a path, or below it."""
    return not _answer(directory, "ls-files", "-z", "--others", "--exclude-standard", "--", path)


def _names(directory: Path, *words: str, paths: Collection[str]) -> set[str]:
    said = _answer(directory, *words, "--", *sorted(paths))
    return {name.strip("\n") for name in said.decode("utf-8", "surrogateescape").split("\0")}


def _answer(directory: Path, *words: str) -> bytes:
    """What git prints, nothing where it fails."""
    # Paths are names, not patterns; and asking must not start a program of the repository's.
    command = [
        *("git", "-C", str(directory), "--literal-pathspecs", "-c", "core.fsmonitor=false"),
        *words,
    ]
    try:
        done = subprocess.run(  # noqa: S603  (a fixed program; paths come after --)
            command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return b""
    return done.stdout.removesuffix(b"\n")
