"""What a project says about what its memory says: git's history, and when lines were written.

The answers of git depend on HEAD and on the memory's bytes alone, so they are kept in a cache
by these; what is there now is looked up every time.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

from agent_memory.core.lines import LineOrigin, is_carried
from agent_memory.core.records import is_ours
from agent_memory.core.snapshot import Snapshot
from agent_memory.core.staleness import held, symbols
from agent_memory.core.staleness.facts import Facts, Written
from agent_memory.core.staleness.held import Files
from agent_memory.core.staleness.mentions import mentions
from agent_memory.core.staleness.past import Past
from agent_memory.project import contents, gitlog
from agent_memory.project.gitlog import Blame, Repository

Journal = Callable[[str], Sequence[LineOrigin]]
"""What our own history says of the lines of a file."""


class Cache(Protocol):
    """A place for answers, by name: what cannot be read or kept is asked again."""

    def load(self, name: str) -> bytes | None:
        """What was kept under a name, None where nothing is."""

    def save(self, name: str, data: bytes) -> None:
        """Keep an answer, if that is possible."""


@dataclass(frozen=True)
class Asked:
    """A memory and the repository that it is held against.

    `journal` is what our own history says of the lines of a file.
    """

    directory: Path
    snapshot: Snapshot
    repo: Repository
    tracked: frozenset[str]
    journal: Journal

    @cached_property
    def folder(self) -> str:
        """Where the memory lies below the repository's top; "" where it lies outside."""
        top = os.path.realpath(self.repo.top)
        inside = os.path.relpath(os.path.realpath(self.directory), top)
        return "" if inside == "." or inside.startswith("..") else Path(inside).as_posix()

    @property
    def name(self) -> str:
        """What the answers about the work tree are kept under."""
        return hashlib.sha256(os.fsencode(self.repo.top)).hexdigest()[:16]


def gather(
    asked: Asked, cache: Cache, meanwhile: Callable[[], Collection[str]]
) -> tuple[Facts, list[str]]:
    """The facts, and what could not be looked at with the reason.

    Args:
        asked: the memory, and where it is.
        cache: where answers of git are kept.
        meanwhile: what can be done while git works; it returns what the memory names and is
            there without being tracked.
    """
    repo = asked.repo
    # Git and the parser of Markdown take about as long, and neither needs the other.
    with ThreadPoolExecutor(2) as pool:
        history, blames = pool.submit(_history, asked, cache), pool.submit(_blames, asked, cache)
        untracked = meanwhile()
        past, complete = history.result()
        blamed = blames.result()
    if past is None:
        return Facts(), ["cannot tell what became of paths: git does not tell its history"]
    written = _written(asked, past, blamed)
    live = asked.tracked.union(untracked)
    facts = Facts(live, past, repo.inside, asked.folder, written)
    facts = replace(facts, found=_held(asked, facts, past))
    return facts, list(_notices(repo, past, complete, written))


def _held(asked: Asked, facts: Facts, past: Past) -> held.Found:
    """What the files bore out when lines were written, and no longer do."""
    files = Files(contents.now(asked.repo, held.wanted(asked.snapshot, facts)))
    questions = held.questions(asked.snapshot, facts, files)
    pairs = {(question.commit, path) for question in questions for path in question.paths}
    then = contents.then(asked.repo, past, pairs)
    first = held.answers(questions, then, (), facts)
    names = {
        word
        for lines in first.values()
        for found in lines.values()
        for evidence in found
        if evidence.kind == "symbol gone"
        for word in symbols.searched(evidence.subject)
    }
    return held.answers(questions, then, contents.standing(asked.repo, names), facts)


def named(asked: Asked) -> set[str]:
    """The paths that the memory names and git does not track; folders end in a slash."""
    found: set[str] = set()
    for path in asked.snapshot.files:
        at = f"{asked.folder}/{path}".rpartition("/")[0].strip("/")
        for line in asked.snapshot.document(path).lines:
            for mention in mentions(line, at):
                for name in {asked.repo.inside + mention.path, mention.path} - asked.tracked:
                    found.add(name)
                    if mention.is_folder:
                        found.add(f"{name}/")
    return found


def there(top: Path, names: Iterable[str]) -> list[str]:
    """Those of the names that are on the disk: files, and folders by the slash at their end."""
    root = str(top)
    return sorted(
        name
        for name in names
        if (os.path.isdir if name.endswith("/") else os.path.isfile)(f"{root}/{name}")
    )


def project_of(directory: Path) -> Path:
    """The folder above the runner's hidden one that a memory lies in, else the one above it."""
    absolute = Path(os.path.realpath(directory))
    for place, part in enumerate(absolute.parts):
        if part.startswith(".") and place:
            return Path(*absolute.parts[:place])
    return absolute.parent


def _history(asked: Asked, cache: Cache) -> tuple[Past | None, bool]:
    key = f"{asked.name}-log"
    kept = gitlog.unpacked(cache.load(key) or b"")
    if kept is not None and kept[0].commits and kept[0].commits[0] == asked.repo.head:
        return kept
    past, complete = gitlog.log(asked.repo)
    if past is not None:
        cache.save(key, gitlog.packed(past, complete))
    return past, complete


def _written(
    asked: Asked, past: Past, blamed: Mapping[str, Blame]
) -> dict[str, dict[int, Written]]:
    """When each line was written: our journal, else git; a line of which neither knows is left."""
    written: dict[str, dict[int, Written]] = {}
    for path in asked.snapshot.files:
        lines = {
            number: _by_git(past, commit, time)
            for number, (commit, time) in enumerate(blamed.get(path, ()), 1)
        }
        for origin in asked.journal(path):
            by_git = lines.get(origin.line)
            if is_carried(origin) and by_git is not None and by_git.commits:
                continue  # brought back as it was committed: git knows since when it is there
            if origin.commit is not None and is_ours(origin.commit):
                time = origin.commit.time
                commits = past.at(time.timestamp())
                lines[origin.line] = Written(commits, "journal", f"{time:%Y-%m-%d}")
        written[path] = lines
    return written


def _by_git(past: Past, commit: str, time: int) -> Written:
    if not commit.strip("0"):
        return Written((), "git")
    number = past.number.get(commit)
    # A memory in a repository of its own: its clock still says when.
    commits = (number,) if number is not None else past.at(time)
    return Written(commits, "git", f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d}")


def _blames(asked: Asked, cache: Cache) -> Mapping[str, Blame]:
    key, head = f"{asked.name}-blame", asked.repo.head
    marks = {
        path: hashlib.sha256(os.fsencode(f"{asked.directory}/{path}\0") + data).hexdigest()[:24]
        for path, data in asked.snapshot.files.items()
    }
    kept = _kept(cache.load(key), head)
    unknown = [path for path, mark in marks.items() if mark not in kept]
    if unknown:
        found = gitlog.blames(asked.directory, unknown)
        kept |= {marks[path]: found.get(path, []) for path in unknown}
        body = {"head": head, "files": {mark: _runs(blame) for mark, blame in kept.items()}}
        cache.save(key, json.dumps(body, separators=(",", ":")).encode())
    return {path: kept[mark] for path, mark in marks.items()}


def _runs(blame: Blame) -> list[list[object]]:
    """A blame by stretches of lines: how many, of which commit and time."""
    runs: list[list[object]] = []
    last: tuple[str, int] | None = None
    count = 0
    for one in [*blame, None]:
        if one != last:
            if last is not None:
                runs.append([count, *last])
            last, count = one, 0
        count += 1
    return runs


def _kept(data: bytes | None, head: str) -> dict[str, Blame]:
    try:
        body = json.loads(data or b"{}")
        if body.get("head") != head:
            return {}
        return {
            mark: [(commit, time) for count, commit, time in runs for _ in range(count)]
            for mark, runs in body["files"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _notices(
    repo: Repository, past: Past, complete: bool, written: Mapping[str, Mapping[int, Written]]
) -> Iterable[str]:
    if repo.is_shallow:
        first = min(past.times, default=0)
        yield (
            f"shallow clone: the history begins on {datetime.fromtimestamp(first, UTC):%Y-%m-%d},"
            " what went before is not seen (`git fetch --unshallow`)"
        )
    if not complete:
        yield (
            "parts of the repository are not here (a partial clone): of renames only those"
            " without an edit are seen"
        )
    unknown = sorted(path for path, lines in written.items() if not lines)
    if unknown:
        some = ", ".join(unknown[:3]) + (f" and {len(unknown) - 3} more" if unknown[3:] else "")
        yield (
            f"when the lines of {some} were written is not known (neither our history nor git has"
            " them): what is gone is only suspect there"
        )
