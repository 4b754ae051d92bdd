"""What files say now, and what they said at a commit, in few calls."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from agent_memory.core.staleness.past import Past
from agent_memory.project.gitlog import Repository, run

_MOST = 2_000_000  # bytes of a file that is read
_WORDS = 300  # names that one search looks for


def now(repo: Repository, paths: Iterable[str]) -> dict[str, str]:
    """The texts of files that are there; what cannot be read, or is too large, is left out."""
    found: dict[str, str] = {}
    for path in paths:
        file = repo.top / path
        try:
            if file.stat().st_size <= _MOST:
                found[path] = file.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
    return found


def then(
    repo: Repository, past: Past, asked: Collection[tuple[int, str]]
) -> dict[tuple[int, str], str]:
    """The texts of files at commits (numbers in `past`)."""
    wanted = [(commit, path) for commit, path in sorted(asked) if "\n" not in path]
    if not wanted:
        return {}
    lines = "".join(f"{past.commits[commit]}:{path}\n" for commit, path in wanted)
    said = run(repo.top, "cat-file", "--batch", given=lines.encode("utf-8", "surrogateescape"))
    found: dict[tuple[int, str], str] = {}
    place = 0
    for key in wanted:
        head, _, _ = (said or b"")[place : place + 4096].partition(b"\n")
        place += len(head) + 1
        match = re.search(rb" blob (\d+)$", head)
        if match is None:
            if not head.endswith(b" missing"):
                break  # something else than was asked for: nothing after it can be trusted
            continue
        size = int(match[1])
        if size <= _MOST:
            found[key] = (said or b"")[place : place + size].decode("utf-8", "replace")
        place += size + 1
    return found


def standing(repo: Repository, words: Collection[str]) -> set[str]:
    """Those of the words that stand in a tracked file other than Markdown; all, if git cannot say.

    One pattern of many words is fifty times as fast as many patterns, where it is not so long
    that it is no longer compiled.
    """
    found: set[str] = set()
    wanted = sorted(words)
    for start in range(0, len(wanted), _WORDS):
        some = wanted[start : start + _WORDS]
        pattern = f"(?:{'|'.join(map(re.escape, some))})"
        words_only = ("-I", "-h", "-o", "-w", "-P", "--no-color", "-e", pattern)
        said = run(repo.top, "grep", *words_only, "--", ".", ":!*.md", ":!*.mdx", patterns=True)
        found |= set(some) if said is None else set(said.decode("utf-8", "replace").split())
    return found
