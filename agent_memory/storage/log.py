"""The history: a small file for each commit, and the head, which says how the memory was left.

The head maps each path to the content that the newest commit, or the newest look at what others
did, left there. It is how the next writer sees what others changed since. It can always be made
again out of the commits, so the disk may forget it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, get_args

from agent_memory.core.compact import Moved
from agent_memory.core.history import Commit, Done, Judged, Record
from agent_memory.core.staleness.evidence import Evidence, Weight
from agent_memory.storage import _fs, notes, replace
from agent_memory.storage.images import Images

if TYPE_CHECKING:
    from agent_memory.storage.archive import Archive

VERSION = 1
_WORDS = ("id", "actor", "operation", "message", "source", "session")  # of a commit
_YOUNG = timedelta(hours=1)  # what is younger is never trimmed
_LEAVE = 0.8  # of the room that the history may take, so that not every commit has to trim


@dataclass(frozen=True, slots=True)
class Row:
    """One file in a commit: its path, and the names of its images before and after."""

    path: str
    before: str | None
    after: str | None


@dataclass(slots=True)
class Head:
    """How the memory was left: `files` maps paths to image names, `number` is the newest commit.

    `weight` is about how many bytes the history takes, `since` when its oldest commit was made.
    """

    number: int = 0
    files: dict[str, str] = field(default_factory=dict)
    weight: int = 0
    since: str = ""

    def advance(self, number: int, rows: Iterable[Row], time: str) -> None:
        """Go on to the commit `number`, made at `time`, that changed these files."""
        self.number = number
        self.since = self.since or time
        for row in rows:
            if row.after is None:
                self.files.pop(row.path, None)
            else:
                self.files[row.path] = row.after


class Log:
    """The commits of one memory in its journal folder, and its head."""

    def __init__(self, folder: str, images: Images, mode: int) -> None:
        self.folder = folder
        self.images = images
        self._head = os.path.join(folder, "head.json")
        self._mode = mode

    # -- commits --------------------------------------------------------------------------------

    def records(self) -> Iterator[Record]:
        """The commits, the newest first; files that cannot be read are passed over."""
        for name in sorted(self.names(), key=number_of, reverse=True):
            record = record_at(os.path.join(self.folder, name), self.images)
            if record is not None:
                yield record

    def commits(self) -> Iterator[Commit]:
        """The commits without any look at their images, the newest first."""
        for name in sorted(self.names(), key=number_of, reverse=True):
            commit, _ = self._loaded(number_of(name))
            if commit is not None:
                yield commit

    def names(self) -> list[str]:
        """The names of the commits' files.

        Raises:
            StorageError: the folder cannot be listed.
        """
        try:
            return [name for name in _fs.listdir(self.folder) if number_of(name)]
        except OSError as error:
            raise replace.as_storage_error(self.folder, error) from error

    def path_of(self, number: int) -> str:
        """Where the commit of this number is kept."""
        return os.path.join(self.folder, f"{number:09d}.json")

    def add(self, commit: Commit, rows: Sequence[Row], head: Head) -> None:
        """Record a commit that is made already: what others did, or what stood there before us."""
        draft = os.path.join(self.folder, "found.part")
        _fs.create_anew(draft, dump(commit, rows), self._mode)
        number = self.next_number(head)
        _fs.rename(draft, self.path_of(number))
        _fs.sync_directory(self.folder)
        head.advance(number, rows, commit.time.isoformat())
        head.weight += sum(self.images.size(row.after) for row in rows if row.after)
        self.write_head(head)

    def rewrite(self, path: str, data: bytes) -> None:
        """Put other content in the place of a commit's, in one step."""
        draft = os.path.join(self.folder, "found.part")
        _fs.create_anew(draft, data, self._mode)
        _fs.replace(draft, path)

    def next_number(self, head: Head) -> int:
        """The number of the next commit."""
        number = head.number + 1
        while _fs.exists(self.path_of(number)):
            number += 1
        return number

    # -- the head -------------------------------------------------------------------------------

    def head(self) -> Head:
        """How the memory was left, as far as it is known; an empty head where nothing is."""
        try:
            document = notes.read(self._head)
            head = Head(
                max(0, int(document["number"])),
                {path: name for path, name in document["files"].items() if _is_row(path, name)},
                int(document["weight"]),
                str(document["since"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            head = Head()
        return self._caught_up(head)

    def _caught_up(self, head: Head) -> Head:
        """The head after the commits that it does not know of, because the disk forgot it."""
        known = head.number
        if known and not _fs.exists(self.path_of(known + 1)):
            return head
        for number in sorted(number_of(name) for name in self.names()):
            if number > known:
                try:
                    commit, rows = load(self.path_of(number))
                except (OSError, ValueError, KeyError, TypeError):
                    continue
                head.advance(number, rows, commit.time.isoformat())
        return head

    def write_head(self, head: Head) -> None:
        """Keep the head; whoever reads without the lock sees by it that there was a commit."""
        draft = os.path.join(self.folder, "head.part")
        _fs.create_anew(draft, json.dumps(asdict(head)).encode("ascii"), self._mode, sync=False)
        # Renamed over an old one, ext4 would sync it first, which takes as long as the rest.
        if _fs.exists(self._head):
            _fs.unlink(self._head)
        _fs.rename(draft, self._head)

    # -- its bounds -----------------------------------------------------------------------------

    def trim(self, head: Head, age: timedelta, size: int, now: datetime, archive: Archive) -> None:
        """Drop the oldest commits beyond an age, or a size in bytes, but none of the last hour.

        What the archive wants goes there; its images stay, and do not count.
        """
        oldest = _time(head.since)
        if head.weight <= size and (oldest is None or now - oldest <= age):
            return
        loaded = [
            (number, *self._loaded(number))
            for number in sorted(number_of(name) for name in self.names())
        ]
        sizes = {name: self.images.size(name) for name in self.images.names()}
        uses = _uses(row for _, _, rows in loaded for row in rows)
        for image in head.files.values():
            uses[image] = uses.get(image, 0) + 1
        weight = sum(sizes.get(name, 0) for name in uses)
        goal = int(size * _LEAVE) if head.weight > size else weight
        while loaded:
            number, commit, rows = loaded[0]
            old = now - commit.time if commit else timedelta.max
            if old < _YOUNG or (old <= age and weight <= goal):
                break
            loaded.pop(0)
            if commit is not None:
                archive.take(commit, self.path_of(number))
            _fs.unlink(self.path_of(number))
            for image in (name for row in rows for name in (row.before, row.after) if name):
                uses[image] -= 1
                weight -= 0 if uses[image] else sizes.get(image, 0)
        archived = archive.images()
        for name in sizes:
            if not uses.get(name) and name not in archived:
                self.images.drop(name)
        first = loaded[0][1] if loaded else None
        head.weight, head.since = weight, (first.time if first else now).isoformat()
        self.write_head(head)

    def _loaded(self, number: int) -> tuple[Commit | None, list[Row]]:
        try:
            return load(self.path_of(number))
        except (OSError, ValueError, KeyError, TypeError):
            return None, []


class History(Iterable[Record]):
    """Records that can be gone through again; each is read once, when it is first asked for."""

    def __init__(self, records: Iterator[Record]) -> None:
        self._coming = records
        self._seen: list[Record] = []

    def __iter__(self) -> Iterator[Record]:
        number = 0
        while True:  # several may go through at once, and one may stop half way
            if number == len(self._seen):
                coming = next(self._coming, None)
                if coming is None:
                    return
                self._seen.append(coming)
            yield self._seen[number]
            number += 1


class _Contents(Mapping[str, bytes | None]):
    """Contents by path, read from the images when they are asked for."""

    def __init__(self, images: Images, names: Mapping[str, str | None]) -> None:
        self._images = images
        self._names = names

    def __getitem__(self, path: str) -> bytes | None:
        try:
            return self._images.read(self._names[path])
        except OSError as error:
            raise KeyError(path) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def record_at(path: str, images: Images) -> Record | None:
    """The commit that a file holds, None where it cannot be read."""
    try:
        commit, rows = load(path)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    before = {row.path: row.before for row in rows if images.has(row.before)}
    after = {row.path: row.after for row in rows if images.has(row.after)}
    kept = len(before) == len(after) == len(rows)
    return Record(commit, _Contents(images, before), _Contents(images, after), kept)


def number_of(name: str) -> int:
    """The number of the commit that a file holds, 0 for files that hold none."""
    stem, _, suffix = name.partition(".")
    return int(stem) if suffix == "json" and stem.isdecimal() else 0


def dump(commit: Commit, rows: Iterable[Row]) -> bytes:
    """A commit and its files as the content of an intent or a record."""
    fields = asdict(commit) | {"time": commit.time.isoformat()}
    del fields["nearest"]  # advice to the writer of that moment
    if not commit.judged:
        del fields["judged"]
    document = {"version": VERSION, "commit": fields, "changes": [asdict(row) for row in rows]}
    return json.dumps(document, ensure_ascii=True).encode("ascii")


def load(path: str) -> tuple[Commit, list[Row]]:
    """What `dump` wrote.

    Raises:
        OSError: it cannot be read.
        ValueError, KeyError, TypeError: it is not of this version.
    """
    document = notes.read(path)
    if document.get("version") != VERSION:
        raise ValueError(f"{path} is not a journal file of this version")
    rows = [Row(row["path"], row["before"], row["after"]) for row in document["changes"]]
    for row in rows:
        if not _is_row(row.path, row.before, row.after):
            raise ValueError(f"{row} is not about a file and its contents")
    return _commit(document["commit"]), rows


def _is_row(path: object, *images: object) -> bool:
    """Whether these can be a path and names of images: anybody may have damaged our files."""
    if not isinstance(path, str) or not path or "\0" in path:
        return False
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return all(name is None or (isinstance(name, str) and name.isalnum()) for name in images)


def _commit(fields: dict[str, Any]) -> Commit:
    words = (fields[name] for name in _WORDS if name in fields)
    if not all(isinstance(word, str) for word in (*words, *fields["changed"], *fields["notices"])):
        raise TypeError("a commit is described in words")
    return Commit(
        **fields
        | {
            "time": notes.moment(fields["time"]),
            "changed": tuple(fields["changed"]),
            "moved": tuple(Moved(**move) for move in fields["moved"]),
            "notices": tuple(fields["notices"]),
            "judged": tuple(map(_judged, fields.get("judged", ()))),
        }
    )


def _judged(fields: dict[str, Any]) -> Judged:
    pieces = fields["evidence"]
    values = [(name, value) for one in (fields, *pieces) for name, value in one.items()]
    if not all(
        isinstance(value, int if name == "line" else str)
        for name, value in values
        if name != "evidence"
    ):
        raise TypeError("what was judged is described in words")
    judged = Judged(**fields | {"evidence": tuple(Evidence(**one) for one in pieces)})
    if judged.done not in get_args(Done) or any(
        one.weight not in get_args(Weight) for one in judged.evidence
    ):
        raise ValueError("no commit of this version says so of an entry")
    return judged


def _uses(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows name each image."""
    uses: dict[str, int] = {}
    for row in rows:
        for name in (row.before, row.after):
            if name:
                uses[name] = uses.get(name, 0) + 1
    return uses


def _time(text: str) -> datetime | None:
    try:
        return notes.moment(text)
    except ValueError:
        return None
