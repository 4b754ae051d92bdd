"""A repository's history in few calls: where we are, one pass over the log, one blame a file."""

from __future__ import annotations

import json
import re
import subprocess
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from agent_memory.core.staleness.past import BORN, CHANGED, GONE, Past

_SECONDS = 600  # for one call; a log over tens of thousands of commits takes a while
_AT_ONCE = 4  # blames
_MARK = "\x01\x01"
_BLAMED = re.compile(rb"^([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?$")
_VERSION = 1  # of what is cached


@dataclass(frozen=True, slots=True)
class Repository:
    """A work tree: its top folder, the way down from there to where it was asked, and its state.

    `inside` ends with a slash, or is "" for the top; `head` is "" before the first commit.
    """

    top: Path
    inside: str
    is_shallow: bool
    head: str


def repository(folder: Path) -> Repository | None:
    """The repository around a folder, None where there is none, or no git."""
    asked = ("--show-toplevel", "--show-prefix", "--is-shallow-repository")
    said = run(folder, "rev-parse", *asked, "HEAD") or run(folder, "rev-parse", *asked)
    if said is None:
        return None
    top, inside, shallow, head = _text(said).split("\n")[:4]
    return Repository(Path(top), inside, shallow == "true", head)


def is_partial(repo: Repository) -> bool:
    """Whether it may lack contents that git would fetch when asked for them."""
    return bool(run(repo.top, "config", "--get-regexp", r"\.promisor$|^extensions\.partial"))


def tracked(repo: Repository) -> list[str]:
    """The files that git tracks, as paths from the top."""
    said = run(repo.top, "ls-files", "-z")
    return [name for name in _text(said or b"").split("\0") if name]


def log(repo: Repository) -> tuple[Past | None, bool]:
    """The history of HEAD, None where git does not tell it; and whether it knows all renames.

    Renames with edits are found by comparing contents. Where those are not here (a partial
    clone), only renames without an edit are found, as nothing may be fetched for a look.
    """
    words = (
        *("log", "--topo-order", "--diff-merges=first-parent", "--name-status", "-z"),
        *("--no-ext-diff", "--no-show-signature", "--root", f"--format={_MARK}%H %P %ct"),
    )
    if not is_partial(repo):
        said = run(repo.top, *words, "-M", repo.head)
        if said is not None:
            return _parsed(_text(said)), True
    said = run(repo.top, *words, "-M100%", repo.head)
    return (None if said is None else _parsed(_text(said))), False


def _parsed(said: str) -> Past:
    commits: list[str] = []
    firsts: list[str] = []
    times: list[int] = []
    merges: list[int] = []
    place: dict[str, int] = {}
    events: list[list[int]] = []

    def note(path: str, commit: int, what: int) -> int:
        at = place.setdefault(path, len(events))
        if at == len(events):
            events.append([])
        events[at] += (commit, what)
        return at

    for chunk in said.split(_MARK)[1:]:
        head, _, body = chunk.partition("\0")
        commit, *parents, time = head.split()
        number = len(commits)
        commits.append(commit)
        firsts.append(parents[0] if parents else "")
        times.append(int(time))
        if len(parents) > 1:
            merges.append(number)
        words = iter(body.lstrip("\n").split("\0"))
        for status in words:
            if status[:1] in ("R", "C"):
                old, new = next(words), next(words)
                at = note(new, number, BORN)
                if status[0] == "R":
                    note(old, number, at)
            elif status:
                what = {"A": BORN, "D": GONE}.get(status[0], CHANGED)
                note(next(words), number, what)
    known = {commit: number for number, commit in enumerate(commits)}
    parents_of = [known.get(first, -1) for first in firsts]
    return Past(commits, parents_of, times, frozenset(merges), list(place), events)


def packed(past: Past, complete: bool) -> bytes:
    """A history to be kept for the next look."""
    body = {
        "version": _VERSION,
        "complete": complete,
        "commits": past.commits,
        "parents": past.parents,
        "times": past.times,
        "merges": sorted(past.merges),
        "paths": past.paths,
        "events": past.events,
    }
    return zlib.compress(json.dumps(body, separators=(",", ":")).encode(), 1)


def unpacked(data: bytes) -> tuple[Past, bool] | None:
    """The history that was kept, None where it cannot be read."""
    try:
        body = json.loads(zlib.decompress(data))
        if body["version"] != _VERSION:
            return None
        past = Past(
            body["commits"],
            body["parents"],
            body["times"],
            frozenset(body["merges"]),
            body["paths"],
            body["events"],
        )
        return past, bool(body["complete"])
    except (zlib.error, ValueError, KeyError, TypeError):
        return None


Blame = list[tuple[str, int]]
"""Of each line of a file the commit that wrote it and its time; zeros: it is not committed."""


def blames(folder: Path, names: Iterable[str]) -> dict[str, Blame]:
    """The blame of files in a folder; those that git cannot tell are left out."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        wanted = list(names)
        found = pool.map(lambda name: _blame(folder, name), wanted)
        return {name: blame for name, blame in zip(wanted, found, strict=True) if blame}


def _blame(folder: Path, name: str) -> Blame:
    said = run(folder, "blame", "--porcelain", "--", name)
    if said is None:
        return []
    times: dict[bytes, int] = {}
    lines: list[bytes] = []
    commit = b""
    for row in said.split(b"\n"):
        if row[:1] == b"\t":
            lines.append(commit)
        elif match := _BLAMED.match(row):
            commit = match[1]
        elif row.startswith(b"committer-time "):
            times[commit] = int(row[15:])
    return [(commit.decode(), times.get(commit, 0)) for commit in lines]


def _text(said: bytes) -> str:
    return said.decode("utf-8", "surrogateescape")


def run(folder: Path, *words: str, given: bytes = b"", patterns: bool = False) -> bytes | None:
    """What git prints when it is given this to read, None where it fails.

    Paths are names; with `patterns` they are patterns, and to find nothing is no failure.
    """
    # Asking must start no program of the repository's, whatever its settings say, and must fetch
    # nothing.
    command = [
        *("git", "-C", str(folder), "--no-pager", *(() if patterns else ("--literal-pathspecs",))),
        *("-c", "core.fsmonitor=false", "-c", "log.showRoot=true", "-c", "diff.renames=true"),
        *("-c", "blame.ignoreRevsFile=", "-c", "protocol.allow=never"),
        *words,
    ]
    try:
        done = subprocess.run(  # noqa: S603  (a fixed program)
            command, capture_output=True, timeout=_SECONDS, check=False, input=given
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode in ((0, 1) if patterns else (0,)) else None
