"""What git knows about a memory's files, where there is git."""

from __future__ import annotations

import subprocess
from collections.abc import Collection
from pathlib import Path

_SECONDS = 20


def deleted(directory: Path, paths: Collection[str]) -> set[str]:
    """Those of `paths` (relative to `directory`) that git's history saw deleted.

    Empty where there is no git, no repository, or no answer within 20 seconds.
    """
    if not paths or not directory.is_dir():
        return set()
    command = [
        *("git", "-C", str(directory), "log", "-z", "--relative", "--no-renames"),
        *("--diff-filter=D", "--name-only", "--format=", "--", *sorted(paths)),
    ]
    try:
        done = subprocess.run(  # noqa: S603  (a fixed program; paths come after --)
            command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return set()
    seen = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    return {name.strip("\n") for name in seen} & set(paths)
