"""What really went stale, from plain git calls alone: `python truth.py REPOSITORY [FOLDER…]`.

Prints one JSON object a line for each path that a committed memory names. A path is *alive* in a
tree if a file or folder there is called so, or ends so after a slash. A mention is truly stale if
its path is alive in the tree of the commit that wrote the line (`git blame`) and is not at HEAD.
Lists trees whole and shares no line and no idea with the package: it is what that is held
against. Slow, on purpose plain.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path

FOLDERS = re.compile(r"(?:^|/)(?:agent-memory(?:-local)?/[^/]+|memory-bank|\.serena/memories)(?=/)")
CODE = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w@.()\[\]+~-]*(?:/[\w@.()\[\]+~-]+)+\.[A-Za-z]\w{0,7}\b(?![/\w])")
FOLDER = re.compile(r"^\.?[\w@.+-]+(?:/[\w@.+-]+)*/$")


@dataclass(frozen=True)
class Mention:
    """A path in a line, what wrote the line, and whether it was and is alive."""

    file: str
    line: int
    path: str
    written: str
    time: int
    then: bool
    now: bool
    exact_then: bool
    exact_now: bool

    @property
    def stale(self) -> bool:
        return self.then and not self.now

    @property
    def moved(self) -> bool:
        """Whether exactly this path is gone, though one that ends so lives."""
        return self.exact_then and not self.exact_now and self.now


class Tree:
    """The files and folders of a commit, by every suffix that is asked for."""

    def __init__(self, paths: list[str]) -> None:
        self.names: set[str] = set()
        self.by_base: dict[str, list[str]] = {}
        for path in paths:
            parts = path.split("/")
            for depth in range(1, len(parts) + 1):
                name = "/".join(parts[:depth])
                if name not in self.names:
                    self.names.add(name)
                    self.by_base.setdefault(parts[depth - 1], []).append(name)

    def has(self, path: str) -> bool:
        if path in self.names:
            return True
        return any(n.endswith("/" + path) for n in self.by_base.get(path.rsplit("/", 1)[-1], ()))


class Repository:
    """A work tree whose HEAD holds a memory."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.head = self.git("rev-parse", "HEAD").strip()
        self.head_time = int(self.git("log", "-1", "--format=%ct"))

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", "-C", str(self.top), *words], capture_output=True, check=True)
        return done.stdout.decode("utf-8", "surrogateescape")

    @lru_cache(maxsize=400)  # noqa: B019  (a script: the repository lives as long as it does)
    def tree(self, commit: str) -> Tree:
        return Tree(self.git("ls-tree", "-r", "-z", "--name-only", commit).split("\0")[:-1])

    @cached_property
    def folders(self) -> list[str]:
        """The memories: every folder that an agent keeps one in."""
        found = {
            path[: match.end()]
            for path in self.git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")
            if path.endswith(".md") and (match := FOLDERS.search(path))
        }
        return sorted(found)

    @cached_property
    def last_change(self) -> dict[str, int]:
        """When each path that ever was, was touched last."""
        times: dict[str, int] = {}
        now = 0
        said = self.git("log", "--format=%x01%ct", "--name-only", "-z", "--no-renames")
        for row in said.split("\0"):
            for part in row.split("\n"):
                if part.startswith("\x01"):
                    now = int(part[1:])
                elif part:
                    times[part] = max(now, times.get(part, 0))
        return times

    def files(self, folder: str) -> list[str]:
        said = self.git("ls-files", "-z", "--", folder)
        return [path for path in said.split("\0") if path.endswith(".md")]

    @lru_cache(maxsize=4000)  # noqa: B019
    def blame(self, file: str) -> list[tuple[str, int]]:
        """Of each line the commit and its time; none where objects are missing."""
        lines: list[tuple[str, int]] = []
        commit, time = "", 0
        try:
            said = self.git("blame", "--line-porcelain", "HEAD", "--", file)
        except subprocess.CalledProcessError:
            return []
        for row in said.split("\n"):
            if re.match(r"[0-9a-f]{40} \d+ \d+", row):
                commit = row[:40]
            elif row.startswith("committer-time "):
                time = int(row[15:])
            elif row.startswith("\t"):
                lines.append((commit, time))
        return lines

    def status(self, file: str, line: int, path: str) -> Mention:
        """Whether a path that a line names was and is alive."""
        name = path.strip("/")
        commit, time = self.blame(file)[line - 1]
        now = self.tree(self.head)
        tree = self.tree(commit)
        alive = tree.has(name), now.has(name), name in tree.names, name in now.names
        return Mention(file, line, name, commit, time, *alive)

    def mentions(self, folder: str) -> Iterator[Mention]:
        """Every path that a memory names."""
        for file in self.files(folder):
            if not self.blame(file):
                continue
            text = self.git("show", f"HEAD:{file}")
            for number, line in enumerate(text.split("\n"), 1):
                for path in sorted(set(paths(line))):
                    yield self.status(file, number, path)


def paths(line: str) -> Iterator[str]:
    """The paths with a slash in a line: those with a suffix, and folders in code spans."""
    bare = re.sub(r"\b[a-z]+://\S+", " ", line)
    for match in FILE.finditer(bare):
        path = match[0]
        while path.startswith("./") or path.startswith("../"):
            path = path.split("/", 1)[1]
        path = path.lstrip("(/")
        if "/" in path and not path.startswith("~") and "//" not in path:
            yield path.removesuffix(")") if path.count(")") > path.count("(") else path
    for span in CODE.findall(bare):
        if FOLDER.match(span) and span.count("/") > 1:
            yield span.removeprefix("./").strip("/")


if __name__ == "__main__":
    repository = Repository(Path(sys.argv[1]))
    for chosen in sys.argv[2:] or repository.folders:
        for mention in repository.mentions(chosen):
            print(json.dumps({**asdict(mention), "stale": mention.stale}))
