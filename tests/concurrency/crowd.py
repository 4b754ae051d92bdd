"""Many at work in one memory at once, and what each of them was told.

A **worker** makes edits of all kinds through `Memory` and owns its entries and topics, so that
from what it was told follows what must stand at the end. An **outsider** takes no lock: it
appends, or writes back what it read a moment ago, in one of the ways of editors, agents' tools
and git. A **reader** looks all the while. What any of them writes carries a seal, so that half a
line is told from a whole one.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import re
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from agent_memory import Budget, Commit, LockTimeoutError, Memory, NotFoundError
from agent_memory.core.history import EXTERNAL, Record
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import StorageError

BUDGET = Budget(60, 25_000)  # small, so that entries overflow into topics meanwhile
INDEX = "MEMORY.md"
SEALED = re.compile(r"(?:[-*] )?((?:worker|outsider) .*) seal ([0-9a-f]{8})")
FRAME = re.compile(
    r"|---|name: .*|description: .*|#+ .+|<!-- .* -->|[-*] \[.+\]\(.+\.md\).*"
    r"|[-*] the (?:first|last) entry of all"
)


def sealed(text: str) -> str:
    """A text that shows whether it is whole."""
    return f"{text} seal {sha256(text.encode()).hexdigest()[:8]}"


def is_whole(line: str) -> bool:
    """Whether somebody wrote exactly this line."""
    found = SEALED.fullmatch(line.strip())
    if found is None:
        return "seal" not in line and bool(FRAME.fullmatch(line.strip()))
    return sealed(found[1]).endswith(found[2])


@dataclass(frozen=True)
class Crew:
    """Who works where: picklable, so that it can be handed to any process.

    `turns` has a semaphore for each outsider, which the workers release after each edit: so
    outsiders write about as often as the workers, and never keep a commit from its end.
    """

    directory: str
    results: str
    edits: int
    outsiders: Sequence[str] = ()
    turns: Sequence[Any] = ()
    sync: bool = False

    def memory(self, actor: str) -> Memory:
        """The memory that all work in."""
        return Memory.open(self.directory, budget=BUDGET, actor=actor)

    @property
    def over(self) -> bool:
        """Whether the workers are done."""
        return os.path.exists(os.path.join(self.results, "over"))

    def tell(self, name: str, result: object) -> None:
        """Leave what one was told for the end."""
        Path(self.results, f"{name}.json").write_text(json.dumps(result), encoding="utf-8")

    def told(self, kind: str) -> list[Any]:
        """What all of one kind were told."""
        found = sorted(Path(self.results).glob(f"{kind}-*.json"))
        return [json.loads(path.read_text(encoding="utf-8")) for path in found]


# -- workers ------------------------------------------------------------------------------------


@dataclass
class Told:
    """What a worker was told: texts and pages that must stand, texts that must not."""

    kept: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    edits: int = 0
    refused: list[str] = field(default_factory=list)


class Worker:
    """One writer, and what it owns."""

    def __init__(self, crew: Crew, number: int, memory: Memory | None = None) -> None:
        self.crew = crew
        self.number = number
        self.memory = memory or crew.memory(f"worker-{number}")
        self.chance = random.Random(number)
        self.own: dict[str, str] = {}  # id → text
        self.told = Told()
        self.topic = f"notes-{number}-0.md"
        self.count = 0

    def work(self) -> Told:
        """Make all edits, of any kind."""
        ways = (self.remember, self.update, self.move, self.forget, self.page, self.pair,
                self.rename, self.compact)  # fmt: skip
        weights = (6, 3, 2, 2, 2, 2, 1, 1)
        while self.told.edits < self.crew.edits:
            way = self.chance.choices(ways, weights)[0]
            try:
                way()
            except NotFoundError as error:  # an outsider took out what was meant
                if not self.crew.outsiders:
                    raise
                self.told.refused.append(f"{way.__name__}: {error}")
            except (LockTimeoutError, StorageError) as error:
                self.told.refused.append(f"{way.__name__}: {error}")
            for turn in self.crew.turns:
                turn.release()
        self.told.kept = list(self.own.values())
        return self.told

    def _done(self, commit: Commit, *, changed: bool = True) -> None:
        assert not changed or not commit.is_empty, commit.notices
        self.told.edits += 1

    def _text(self) -> str:
        self.count += 1
        return sealed(f"worker {self.number} fact {self.count} in its own words")

    def _some(self) -> str | None:
        return self.chance.choice(sorted(self.own)) if self.own else None

    def remember(self) -> None:
        text = self._text()
        topic = self.chance.choice([None, None, self.topic, "shared"])
        commit = self.memory.remember(text, topic=topic)
        assert commit.entry
        self._done(commit)
        self.own[commit.entry] = text

    def update(self) -> None:
        if (old := self._some()) is not None:
            text = self._text()
            commit = self.memory.update(old, text)
            assert commit.entry
            self._done(commit)
            self.told.gone.append(self.own.pop(old))
            self.own[commit.entry] = text

    def move(self) -> None:
        if (entry := self._some()) is not None:
            topic = self.chance.choice([self.topic, "shared"])
            self._done(self.memory.move(entry, topic), changed=False)

    def forget(self) -> None:
        if (entry := self._some()) is not None:
            self._done(self.memory.forget(entry))
            self.told.gone.append(self.own.pop(entry))

    def page(self) -> None:
        """Write a file of its own anew, on what it read of it."""
        self.count += 1
        path = f"page-{self.number}.md"
        lines = [f"worker {self.number} page {self.count} line {line}" for line in range(3)]
        text = "".join(f"{sealed(line)}\n" for line in lines)
        expected = self.memory.document(path).revision if path in self.told.pages else None
        self._done(self.memory.write(path, text, expected))
        self.told.pages[path] = text

    def pair(self) -> None:
        """Write two files in one commit, with the same count."""
        self.count += 1
        texts = {
            f"{side}-{self.number}.md": f"{sealed(f'worker {self.number} pair {self.count}')}\n"
            for side in ("left", "right")
        }
        with self.memory.edit() as draft:
            for path, text in texts.items():
                known = path in self.told.pages
                draft.write(path, text, self.memory.document(path).revision if known else None)
        assert draft.commit
        self._done(draft.commit)
        self.told.pages |= texts

    def rename(self) -> None:
        if self.topic in self.memory._scan().files:
            self.count += 1
            new = f"notes-{self.number}-{self.count}.md"
            self._done(self.memory.rename(self.topic, new))
            self.topic = new

    def compact(self) -> None:
        self._done(self.memory.compact(), changed=False)


def work(crew: Crew, number: int) -> None:
    """A worker in a process of its own."""
    without_waiting_for_the_disk(crew)
    crew.tell(f"worker-{number}", asdict(Worker(crew, number).work()))


def without_waiting_for_the_disk(crew: Crew) -> None:
    """In a process of its own: nobody cuts the power here."""
    if not crew.sync:
        setattr(os, "fsync", lambda handle: None)  # noqa: B010 - mypy knows its arguments


# -- outsiders ----------------------------------------------------------------------------------


@dataclass
class Wrote:
    """What an outsider wrote: its lines, and the whole of its last version."""

    way: str
    lines: list[str] = field(default_factory=list)
    last: str = ""


def append(path: Path, line: str) -> str:
    """Add a line, as `echo >>` does."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"- {line}\n")
    return ""


def overwrite(path: Path, line: str) -> str:
    """Empty the file and fill it with what was read and a line, as many editors do."""
    text = _with(path, line)
    with path.open("w", encoding="utf-8") as file:
        half = len(text) // 2
        file.write(text[:half])
        file.flush()
        file.write(text[half:])
    return text


def swap(path: Path, line: str) -> str:
    """Put a new file in the place of the old one, as other editors do."""
    text = _with(path, line)
    temporary = path.parent / f".{path.name}.{os.getpid()}"
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
    return text


def take_away(path: Path, line: str) -> str:
    """Remove the file and make it anew, as version control does."""
    text = _with(path, line)
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")
    return text


def check_out(path: Path, line: str) -> str:
    """Commit a line on one branch, go to the other, and come back."""
    text = _with(path, line)
    path.write_text(text, encoding="utf-8")
    git(path.parent, "commit", "--quiet", "--message", "noted", path.name)
    text = git(path.parent, "show", f"HEAD:{path.name}")
    git(path.parent, "checkout", "--quiet", "--force", "side")
    git(path.parent, "checkout", "--quiet", "--force", "main")
    return text


def stash(path: Path, line: str) -> str:
    """Put the changes away and bring them back, as before a pull."""
    text = check_out(path, line)
    git(path.parent, "stash", "--quiet")
    with suppress(subprocess.CalledProcessError):  # a commit came between: they stay with git
        git(path.parent, "stash", "pop", "--quiet")
    return text


def _with(path: Path, line: str) -> str:
    """What was read, some time ago, and a line."""
    while True:
        with suppress(FileNotFoundError):
            text = path.read_text(encoding="utf-8")
            think(random.Random(line).randrange(2000))
            return f"{text}- {line}\n"


def think(long: int) -> None:
    """Let time pass, so that what comes next comes at any moment of a commit."""
    for _ in range(long):
        sha256(b"think" * 1000)


def git(folder: Path, *arguments: str) -> str:
    """Run git, without anybody's settings."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ("git", "-c", "user.name=outsider", "-c", "user.email=outsider@example.org")
    return subprocess.run(
        (*command, *arguments), cwd=folder, env=environment, check=True, capture_output=True,
        text=True,
    ).stdout  # fmt: skip


WAYS: dict[str, Callable[[Path, str], str]] = {
    "append": append, "overwrite": overwrite, "swap": swap, "take_away": take_away,
    "check_out": check_out, "stash": stash,
}  # fmt: skip


def meddle(crew: Crew, number: int) -> None:
    """An outsider in a process of its own, until the workers are done."""
    way, chance = crew.outsiders[number], random.Random(number)
    wrote = Wrote(way)
    path = Path(crew.directory, INDEX)
    while True:
        crew.turns[number].acquire()
        if crew.over:
            break
        think(chance.randrange(200))
        line = sealed(f"outsider {number} {way} {len(wrote.lines)}")
        wrote.last = WAYS[way](path, line)
        wrote.lines.append(line)
    crew.tell(f"outsider-{number}", asdict(wrote))


# -- readers ------------------------------------------------------------------------------------


def look(crew: Crew, number: int) -> None:
    """A reader in a process of its own, until the workers are done."""
    memory, storage = crew.memory("reader"), crew.memory("reader")._storage
    looks, wrong = 0, list[str]()
    while not looks or not crew.over:
        looks += 1
        if "Nothing is saved here yet" in memory.prompt():
            wrong.append("a prompt of an empty memory")
        wrong += faults(storage.scan())
    crew.tell(f"reader-{number}", {"looks": looks, "wrong": wrong[:20]})


def faults(snapshot: Snapshot) -> list[str]:
    """What a reader must never see: half a line, an empty file, one file of a pair."""
    found = []
    for path in snapshot.files:
        text = snapshot.text(path)
        if not text.strip():
            found.append(f"{path} is empty")
        found += [f"{path} has {line!r}" for line in text.splitlines() if not is_whole(line)]
        if path.startswith("left-") and text != snapshot.text(path.replace("left", "right")):
            found.append(f"{path}: {text!r} is not what its other half says")
    return found


# -- all at once --------------------------------------------------------------------------------


def prepare(directory: Path, git_branches: bool = False) -> None:
    """The first entry, so that an empty index is a fault; branches for git to go between."""
    Memory.open(directory, budget=BUDGET, actor="first").remember("the first entry of all")
    if git_branches:
        git(directory, "init", "--quiet", "--initial-branch=main")
        git(directory, "add", INDEX)
        git(directory, "commit", "--quiet", "--message", "first")
        git(directory, "branch", "side")


def in_processes(
    directory: Path,
    results: Path,
    *,
    method: str,
    workers: int,
    edits: int,
    outsiders: Sequence[str] = (),
    readers: int = 1,
    sync: bool = False,
) -> Crew:
    """Workers, outsiders and readers in processes of their own; none of them may fail."""
    results.mkdir()
    context: Any = multiprocessing.get_context(method)
    turns = [context.Semaphore(0) for _ in outsiders]
    crew = Crew(str(directory), str(results), edits, tuple(outsiders), turns, sync)
    working = [context.Process(target=work, args=(crew, number)) for number in range(workers)]
    beside = [context.Process(target=look, args=(crew, number)) for number in range(readers)]
    beside += [context.Process(target=meddle, args=(crew, n)) for n in range(len(outsiders))]
    for process in (*beside, *working):
        process.start()
    for process in working:
        process.join()
    (results / "over").touch()
    for turn in turns:
        turn.release()
    for process in beside:
        process.join()
    assert {process.exitcode for process in (*working, *beside)} == {0}
    return crew


def in_threads(directory: Path, results: Path, *, workers: int, edits: int, shared: bool) -> Crew:
    """Workers in threads, each with a memory of its own, or with one that all share."""
    results.mkdir()
    crew = Crew(str(directory), str(results), edits)
    memory = crew.memory("shared") if shared else None
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda number: _in_thread(crew, number, memory), range(workers)))
    return crew


def in_tasks(directory: Path, results: Path, *, workers: int, edits: int) -> Crew:
    """Workers in tasks of an event loop, by `asyncio.to_thread`."""
    results.mkdir()
    crew = Crew(str(directory), str(results), edits)
    memory = crew.memory("tasks")

    async def all_of_them() -> None:
        tasks = (asyncio.to_thread(_in_thread, crew, n, memory) for n in range(workers))
        await asyncio.gather(*tasks)

    asyncio.run(all_of_them())
    return crew


def _in_thread(crew: Crew, number: int, memory: Memory | None) -> None:
    assert threading.current_thread() is not threading.main_thread()
    crew.tell(f"worker-{number}", asdict(Worker(crew, number, memory).work()))


# -- what came of it ----------------------------------------------------------------------------


@dataclass
class Outcome:
    """What stands at the end against what each was told; the texts that are not as they must be."""

    edits: int = 0
    refused: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    theirs: int = 0
    theirs_missing: list[str] = field(default_factory=list)
    theirs_destroyed: list[str] = field(default_factory=list)
    looks: int = 0
    wrong: list[str] = field(default_factory=list)


def outcome(crew: Crew) -> Outcome:
    """Close with one more commit, which brings in what came late, and compare."""
    memory = crew.memory("last")
    memory.remember("the last entry of all")
    snapshot = memory._scan()
    standing = Counter(entry.text for entry in memory.entries())
    told = [Told(**one) for one in crew.told("worker")]
    wrote = [Wrote(**one) for one in crew.told("outsider")]
    kept = [text for one in told for text in one.kept]
    lines = [line for one in wrote for line in one.lines]
    versions = lines_of(snapshot, memory._storage.history())
    last = [line for one in wrote for line in one.last.splitlines()]
    return Outcome(
        edits=sum(one.edits for one in told),
        refused=[said for one in told for said in one.refused],
        missing=[text for text in kept if not standing[text]],
        twice=[text for text in (*kept, *lines) if standing[text] > 1],
        back=[text for one in told for text in one.gone if standing[text]],
        pages=[p for one in told for p, text in one.pages.items() if snapshot.text(p) != text],
        theirs=len(lines),
        theirs_missing=[line for line in lines if not standing[line]],
        theirs_destroyed=[
            line for line in (*(f"- {line}" for line in lines), *last) if line not in versions
        ],
        looks=sum(one["looks"] for one in crew.told("reader")),
        wrong=[said for one in crew.told("reader") for said in one["wrong"]] + faults(snapshot),
    )  # fmt: skip


def lines_of(snapshot: Snapshot, records: Iterable[Record]) -> set[str]:
    """Every line that stands in a file, or in a version that the history keeps."""
    contents = {c for r in records for side in (r.before, r.after) for c in side.values() if c}
    versions = contents | set(snapshot.files.values())
    return {line for data in versions for line in data.decode().splitlines()}


def taken_out_by_others(crew: Crew, text: str) -> bool:
    """Whether a change by others took a text of ours out of a file that a commit had put it in."""
    for record in crew.memory("reader")._storage.history():
        for path, before in record.before.items():
            had, has = (text.encode() in (data or b"") for data in (before, record.after[path]))
            if had and not has:
                return record.commit.operation == EXTERNAL
    return False
