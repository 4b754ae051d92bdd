"""The laws of this library, tried on memories that exist: `python tests/laws.py DIR ...`.

DIR is a project, one memory's directory, or anything above them. A memory is a directory with a
MEMORY.md, or one with Markdown in it directly below `agent-memory` or `agent-memory-local`.
Each is read into a snapshot, and everything happens there: no file is written. One line a memory,
what breaks a law with the file and the line, and at the end how many links of each kind there are.

Exit codes: 0 every law holds, 1 a law is broken, 2 a DIR is none or holds no memory, or a memory
could not be read.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [path for path in (str(HERE / "property"), str(HERE.parent)) if path not in sys.path]

import conformance  # noqa: E402

from agent_memory.core import checks, links, place, prompt, topics  # noqa: E402
from agent_memory.core import explain as explaining  # noqa: E402
from agent_memory.core import text as texts  # noqa: E402
from agent_memory.core.budget import Budget  # noqa: E402
from agent_memory.core.document import normalised  # noqa: E402
from agent_memory.core.draft import Draft  # noqa: E402
from agent_memory.core.history import Commit, Record  # noqa: E402
from agent_memory.core.paths import INDEX  # noqa: E402
from agent_memory.core.sheet import Settings  # noqa: E402
from agent_memory.core.snapshot import Snapshot  # noqa: E402
from agent_memory.errors import (  # noqa: E402
    AgentMemoryError,
    BudgetError,
    PolicyError,
    StorageError,
)
from agent_memory.storage.scan import scan  # noqa: E402

DESTINATION = re.compile(r"(?<=\])\([^()\n]*\)|(?<=\[\[)[^\[\]|\n]*")
Law = Callable[[Snapshot], Iterator[str]]
SMALL = Budget(40, 25_000)
RENAMES = (6, 40)  # the fewest and the most topics that are renamed in a memory
RENAMED = 700_000  # bytes of the files with links to them: enough of them for a second
FOLDERS = ("agent-memory", "agent-memory-local")
SKIPPED = {".git", ".agent-memory", "node_modules", "__pycache__"}
SAID = "The laws were tried on this memory with an entry like no other"


def reading_gives_back_every_byte(memory: Snapshot) -> Iterator[str]:
    """Parse, then write with no edit: the same bytes."""
    for path, data in memory.files.items():
        document = memory.document(path)
        if texts.encode("".join(document.lines)) != data:
            yield f"{path}:1: reading it and writing it changes bytes"
        if texts.encode(texts.splice(document.text, [])) != data:
            yield f"{path}:1: an empty edit changes bytes"


def spans_say_what_markdown_says(memory: Snapshot) -> Iterator[str]:
    """Our constructs are markdown-it's tokens, in the right place, and read the same alone."""
    for path in memory.files:
        document = memory.document(path)
        yield from conformance.differences(document)
        yield from conformance.misread(document)
        yield from conformance.misplaced(document)


def looking_never_fails(memory: Snapshot) -> Iterator[str]:
    """Everything that only looks comes to an end, and all lines it names exist."""
    here = prompt.Place("memory", None, "laws")
    for budget in (Budget(), SMALL):
        topics.topics(memory, budget)
        explaining.explain(here, memory, budget)
        prompt.block(here, memory.text(INDEX), budget).encode()
        for finding in checks.check(memory, budget):
            lines = texts.count_lines(memory.text(finding.path))
            if not 0 <= finding.line <= max(lines, 1):
                yield f"{finding.path}:{finding.line}: {finding.code} names no line of it"
    places = {path: texts.Places(memory.text(path)) for path in memory.files}
    for link in links.find_all(memory):
        if not 0 <= link.span.start < link.span.end <= places[link.source].starts[-1]:
            yield f"{link.source}:{link.line}: a link outside of the text"
        elif places[link.source].of(link.span.start)[0] != link.line:
            yield f"{link.source}:{link.line}: the link to {link.target} is on another line"


def doing_nothing_changes_nothing(memory: Snapshot) -> Iterator[str]:
    """What is known already, and the same text written again, change no byte."""
    for path in memory.files:
        document = memory.document(path)
        draft = Draft(memory, Settings())
        draft.write(path, document.text, document.revision)
        for entry in document.entries[:1] + document.entries[-1:]:
            if place.clean(entry.text) != entry.text:
                continue  # a list in a list, `- - x`: of what is remembered, one bullet is taken
            try:
                draft.remember(entry.text)
            except (PolicyError, BudgetError):
                continue
            if draft.changes():
                yield f"{path}:{entry.line}: remembering it again changes {draft.changes()[0].path}"
                break
        if draft.changes():
            yield f"{path}:1: writing the same text again is a change"


def overflow_loses_nothing(memory: Snapshot) -> Iterator[str]:
    """A compacted index is within its budget, every entry stands somewhere, within reach."""
    for budget in (Budget(), SMALL):
        draft = Draft(memory, Settings(budget))
        try:
            draft.compact()
        except BudgetError as error:
            if not _cannot_fit(memory, budget):
                yield f"{INDEX}:1: {budget.lines} lines: {error.message}"
            continue
        yield from _lost(memory, draft.snapshot)
        if not budget.holds(draft.snapshot.text(INDEX)):
            yield f"{INDEX}:1: the compacted index is over {budget.lines} lines"
        gone = links.reachable(memory, budget) - links.reachable(draft.snapshot, budget)
        yield from (f"{path}:1: out of reach at {budget.lines} lines" for path in sorted(gone))


def _cannot_fit(memory: Snapshot, budget: Budget) -> bool:
    """Whether something that may not be moved is too large: a pin, or one line, or front matter."""
    index = memory.index
    front = index.front_matter.lines if index.front_matter else 0
    pinned = any(entry.pinned for entry in index.entries)
    return (
        pinned
        or front + 6 > budget.lines
        or any(texts.size(line) > budget.bytes for line in index.lines)
    )


def _lost(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Entries whose text stands nowhere any more; a shortened row stands whole in its topic."""
    left = Counter(entry.id for path in after.files for entry in after.document(path).entries)
    everything = ""
    for path in before.files:
        for entry in before.document(path).entries:
            left[entry.id] -= 1
            if left[entry.id] >= 0:
                continue
            everything = everything or " ".join(_words(after.text(p)) for p in after.files)
            if _words(entry.text) not in everything:
                yield f"{path}:{entry.line}: the entry “{texts.shorten(entry.text, 40)}” is lost"


def _words(text: str) -> str:
    """A text without where its links lead: from another file they are written otherwise."""
    return normalised(DESTINATION.sub("", text))


def forgetting_undoes_remembering(memory: Snapshot) -> Iterator[str]:
    """Remember, then forget: the same bytes and files, when nothing had to be moved."""
    for topic in (None, "laws-new-topic", *memory.topics[:1]):
        draft = Draft(memory, Settings())
        try:
            draft.remember(SAID, topic)
        except AgentMemoryError as error:
            if not isinstance(error, BudgetError | PolicyError):
                raise
            continue
        if draft.moved:
            continue
        back = Draft(draft.snapshot, Settings(), [_record(draft)])
        back.forget(str(draft.entry))
        for change in memory.changes_to(back.snapshot.files):
            yield f"{change.path}:1: remember and forget (topic {topic}) leave a trace"


def _record(draft: Draft) -> Record:
    plan = draft.plan("remember")
    changed = tuple(change.path for change in plan.changes)
    time = datetime(2026, 1, 1, tzinfo=UTC)
    commit = Commit("c1", time, "laws", "remember", plan.message, changed, plan.entry)
    return Record(
        commit,
        {change.path: change.before for change in plan.changes},
        {change.path: change.after for change in plan.changes},
    )


def links_follow_a_rename(memory: Snapshot) -> Iterator[str]:
    """A topic there and back: every link leads to the same file as before.

    Of very many topics some are tried, evenly spread: a rename reads anew what it changes.
    """
    before = Counter(_ends(memory))
    unclear = any(link.status == "ambiguous" for link in links.find_all(memory))
    for path in _sample(memory):
        stem, dot, suffix = path.rpartition(".")
        there = Draft(memory, Settings(Budget(10**6, 10**9)))
        new = f"{stem}-renamed{dot}{suffix}"
        try:
            there.rename(path, new)
            there.rename(new, path)
        except AgentMemoryError as error:
            if unclear and isinstance(error, PolicyError):
                continue  # what was ambiguous had one meaning in between, and keeps it
            yield f"{path}:1: cannot be renamed there and back: {error.message}"
            continue
        after = Counter(_ends(there.snapshot))
        for source, kind, end in before - after:
            yield f"{source}:1: a {kind} link to {end} is lost when {path} is renamed and back"


def _sample(memory: Snapshot) -> list[str]:
    """The topics to rename: all of them, unless there are very many or much leads to them."""
    touched = {path: {path} for path in memory.topics}
    for link in links.find_all(memory):
        if link.resolved in touched:
            touched[link.resolved].add(link.source)
    sizes = [sum(len(memory.files[path]) for path in some) for some in touched.values()]
    fewest, most = RENAMES
    affordable = RENAMED * len(sizes) // (sum(sizes) or 1)
    count = min(max(affordable, fewest), most, len(sizes))
    return [memory.topics[number * len(sizes) // count] for number in range(count)]


def _ends(memory: Snapshot) -> Iterator[tuple[str, str, str | None]]:
    for link in links.find_all(memory):
        yield link.source, link.kind, link.resolved


def short_rows_keep_their_text(memory: Snapshot) -> Iterator[str]:
    """The full text of each row that is shortened stands in its topic."""
    draft = Draft(memory, Settings(Budget(10**6, 10**9)))
    draft.compact(("rows",))
    after, moved = draft.snapshot, draft.moved
    yield from _lost(memory, after)
    for one in moved:
        if one.topic not in after.files:
            yield f"{INDEX}:{one.first_line}: shortened into {one.topic}, which is not there"


LAWS: tuple[Law, ...] = (
    reading_gives_back_every_byte,
    spans_say_what_markdown_says,
    looking_never_fails,
    doing_nothing_changes_nothing,
    overflow_loses_nothing,
    forgetting_undoes_remembering,
    links_follow_a_rename,
    short_rows_keep_their_text,
)


def broken(memory: Snapshot) -> list[str]:
    """What breaks a law in a memory, in words; a law that crashes is broken."""
    found: list[str] = []
    for law in LAWS:
        try:
            found += [f"{said}  ({law.__name__})" for said in law(memory)]
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{os.path.basename(where.filename)}:{where.lineno}"
            said = f"{type(error).__name__}: {error}"
            found.append(f"{INDEX}:1: {law.__name__} crashed at {place}: {said}")
    return found


def memories(root: Path) -> list[Path]:
    """Every memory at or below a directory."""
    found: list[Path] = []
    if not os.path.isdir(root):
        return found
    for folder, folders, names in os.walk(root, onerror=_unlisted):
        folders[:] = sorted(set(folders) - SKIPPED)
        parent = os.path.basename(os.path.dirname(os.path.abspath(folder)))
        if INDEX in names or (parent in FOLDERS and any(name.endswith(".md") for name in names)):
            found.append(Path(folder))
    return found


def _unlisted(error: OSError) -> None:
    print(f"{error.filename}: {error.strerror}, passed over", file=sys.stderr)


class Tally:
    """What was found in all memories together, said memory by memory."""

    def __init__(self) -> None:
        self.links: Counter[tuple[str, str]] = Counter()
        self.memories = self.entries = self.broken = self.unread = 0

    def add(self, directory: Path) -> None:
        """Try all laws on one memory, and say what came of it."""
        began = time.perf_counter()
        try:
            memory = scan(str(directory))
        except StorageError as error:
            self.unread += 1
            _say(f"{directory}: cannot be read: {error.message}")
            return
        found = broken(memory)
        known = links.find_all(memory)
        entries = sum(len(memory.document(path).entries) for path in memory.files)
        self.memories, self.entries = self.memories + 1, self.entries + entries
        self.broken += bool(found)
        self.links.update((link.kind, link.status) for link in known)
        took = time.perf_counter() - began
        state = f"{len(found)} BROKEN" if found else "ok"
        size = f"{len(memory.files)} files, {entries} entries, {len(known)} links"
        _say(f"{directory}: {size}, {took:.2f} s: {state}")
        for skipped in memory.skipped:
            if skipped.reason != "neither Markdown nor plain text":
                _say(f"    {skipped.path} was left out: {skipped.reason}")
            self.unread += skipped.reason.startswith("cannot be ")
        for line in found:
            _say(f"    {line}")

    def sum_up(self) -> None:
        """Say how much there was, and of which links."""
        print(f"{self.memories} memories, {self.entries} entries, {self.broken} with a broken law")
        for (kind, status), count in sorted(self.links.items()):
            print(f"  {kind:10} {status:10} {count:6}")


def _say(line: str) -> None:
    """One line, at once: somebody waits."""
    print(texts.printable(line).replace("\n", " "), flush=True)


def main(arguments: list[str]) -> int:
    """Try all laws on all memories below the directories given."""
    parser = argparse.ArgumentParser(
        "laws.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    gc.set_threshold(50_000)  # parsed files are very many objects, and none of them is garbage
    parser.add_argument("directories", metavar="DIR", nargs="+", type=Path)
    tally, wrong = Tally(), 0
    for root in parser.parse_args(arguments).directories:
        found = memories(root)
        if not found:
            wrong += 1
            print(texts.printable(f"{root} {_problem(root)}"), file=sys.stderr)
        for directory in found:
            tally.add(directory)
    tally.sum_up()
    if tally.broken:
        return 1
    return 2 if wrong or tally.unread else 0


def _problem(root: Path) -> str:
    """Why there is nothing to try at a path."""
    if os.path.isdir(root):
        return f"holds no memory: no {INDEX}, and no Markdown below {' or '.join(FOLDERS)}"
    if os.path.lexists(root):
        return "is a file: give the directory of a memory, or one above it"
    return "does not exist"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
