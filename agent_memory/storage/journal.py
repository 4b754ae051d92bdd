"""What a commit is about to do: the intent, and what is done about one that a crash left.

An intent is written and synced before the first file changes: it names the commit and, for each
file, the image before and after. When all files are in place the intent is renamed and so
becomes the record of the commit. A crash leaves the intent behind: the next writer finishes what
it says, and until then readers are served what stood there before.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from agent_memory.core.history import Commit
from agent_memory.core.snapshot import Change
from agent_memory.errors import ConflictError, StorageError, UnsafePathError
from agent_memory.storage import _fs, replace
from agent_memory.storage.archive import Archive
from agent_memory.storage.conflicts import Conflicts
from agent_memory.storage.images import Images, name_of
from agent_memory.storage.late import LateVersions, final
from agent_memory.storage.log import Log, Row, dump, load

INTENT = "intent.json"
FOLDER = "journal"
_NEWEST = 50  # commits among which one that was just made is looked for
_GITIGNORE = b"*\n"
_SWEPT = ".swept"  # ends the name of what is looked at and not to be exchanged any more


def _go() -> None:
    """Nobody minds that a file changes now."""


class Journal:
    """The journal of one memory, in its state folder."""

    def __init__(self, root: str, state: str) -> None:
        self._root = root
        self._state = state
        self._folder = os.path.join(state, FOLDER)
        self._intent = os.path.join(self._folder, INTENT)
        self._temporary = os.path.join(state, "tmp")
        self._mode = _mode(root)
        self.images = Images(self._folder, self._temporary, self._mode)
        self.late = LateVersions(os.path.join(state, "late"), self.images, self._mode)
        self.log = Log(self._folder, self.images, self._mode)
        self.archive = Archive(os.path.join(state, "archive"), self.images, self._mode)
        self.conflicts = Conflicts(os.path.join(state, "conflicts"), self._mode)

    def prepare(self) -> None:
        """Make the state folder; it keeps itself out of version control.

        Raises:
            StorageError: something else is in place of one of its folders.
        """
        self.refuse_detours()
        for folder in (self._folder, self._temporary):
            _fs.makedirs(folder)
        ignore = os.path.join(self._state, ".gitignore")
        if not _fs.exists(ignore):
            part = os.path.join(self._temporary, f"ignore-{os.urandom(4).hex()}.part")
            with suppress(FileNotFoundError):  # no lock is held yet: another writer sweeps here
                _fs.create(part, _GITIGNORE)
                _fs.rename(part, ignore)

    def refuse_detours(self) -> None:
        """Refuse a state folder that is a link, or holds one: it may have come with a checkout.

        We write, tidy up and purge in there, which would do the same wherever a link leads.

        Raises:
            UnsafePathError: one of its folders is a symbolic link.
            StorageError: one of them is no folder.
        """
        for name in ("", FOLDER, "tmp", "late", "conflicts", "archive"):
            folder = os.path.join(self._state, name) if name else self._state
            try:
                mode = _fs.lstat(folder).st_mode
            except FileNotFoundError:
                continue
            if stat.S_ISLNK(mode):
                hint = "remove the link; the next write makes the folder"
                raise UnsafePathError(f"{folder} is a symbolic link", hint)
            if not stat.S_ISDIR(mode):
                hint = "move it away; the next write makes the folder"
                raise StorageError(f"{folder} is not a directory", hint)

    # -- a commit -------------------------------------------------------------------------------

    def begin(self, commit: Commit, changes: Sequence[Change]) -> list[Row]:
        """Write and sync the intent; from here on a crash is recovered from.

        What is about to be replaced is on the disk before. Of a single file the new version need
        not be: the file itself is the old one or the new one whatever happens. If this fails, the
        intent may stand there all the same, and has to be taken back.
        """
        rows = self.rows(changes, sync_after=len(changes) > 1)
        draft = os.path.join(self._folder, "intent.part")
        _fs.create_anew(draft, dump(commit, rows), self._mode)
        _fs.rename(draft, self._intent)
        _fs.sync_directory(self._folder)  # the images' names, too: no file changes before
        return rows

    def rows(self, changes: Sequence[Change], sync_after: bool = True) -> list[Row]:
        """The changes with their contents kept as images; those after may be left to the system."""
        rows: list[Row] = []
        for change in changes:
            private = replace.is_private(self._root, change.path)
            before = self.images.keep(change.before, private)
            after = self.images.keep(change.after, private, sync_after)
            rows.append(Row(change.path, before, after))
        return rows

    def temporary(self, commit: str, number: int) -> str:
        """Where the new version of the n-th file of a commit waits, and then the displaced one."""
        return os.path.join(self._temporary, f"{commit}-{number}")

    def done(self, commit: Commit, rows: Sequence[Row]) -> None:
        """Turn the intent into the record of the commit, and go on to it with the head."""
        head = self.log.head()
        number = self.log.next_number(head)
        _fs.rename(self._intent, self.log.path_of(number))
        if not rows:
            self._secure(number)
        head.advance(number, rows, commit.time.isoformat())
        with suppress(OSError):  # the commit is made; the head is made again out of the commits
            head.weight += sum(self.images.size(row.after) for row in rows if row.after)
            self.log.write_head(head)

    def _secure(self, number: int) -> None:
        """Let a power cut not take the record of a commit that changed no file.

        Nothing else tells readers of it, until the next writer finds the intent.
        """
        try:
            _fs.sync_directory(self._folder)
        except OSError:
            with suppress(OSError):
                _fs.rename(self.log.path_of(number), self._intent)  # to be taken back
            raise

    def abandon(self, changes: Sequence[Change], commit: str) -> None:
        """Drop the intent of a commit that was taken back, and what was prepared for it."""
        self.sweep(changes, commit)
        with suppress(FileNotFoundError):  # it failed before there was one
            _fs.unlink(self._intent)
        _fs.sync_directory(self._folder)

    def is_recorded(self, commit: str) -> bool:
        """Whether the commit is among the newest ones."""
        return any(record.commit.id == commit for record in islice(self.log.records(), _NEWEST))

    # -- what a crash left ----------------------------------------------------------------------

    def recover(self) -> None:
        """Finish what a crash left undone, or take it back where somebody has written since.

        Files that are neither what they were before the commit nor what it makes of them are
        somebody else's work and are left alone; so is whatever is no file of the memory any more.
        """
        for name in _fs.listdir(self._temporary):
            if name.endswith(".part"):  # nobody has ever seen it
                with suppress(FileNotFoundError):  # unless it was in `prepare` of another writer
                    _fs.unlink(os.path.join(self._temporary, name))
        if _fs.exists(self._intent):
            self._go_on()
        for name in reversed(_fs.listdir(self._temporary)):  # what is swept comes first
            if not name.endswith(".part"):  # new here, of another writer in `prepare`
                self._drop_kept(os.path.join(self._temporary, name))

    def _go_on(self) -> None:
        """Finish the commit of the intent, or take it back."""
        try:
            commit, rows = load(self._intent)
        except (FileNotFoundError, IsADirectoryError, ValueError, KeyError, TypeError):
            self._set_aside()  # FileNotFoundError: it is a link that leads nowhere
            return
        self._heal(commit.id, rows)
        try:
            changes = self.changes(rows)
        except FileNotFoundError:
            self._judge(commit, rows)
        else:
            self._complete(commit, rows, changes)

    def _drop_kept(self, left: str) -> None:
        """Remove a version that lies about of a commit that is settled, if it is among the images.

        Its removal is not synced, so a power cut may undo it though the commit is recorded. It is
        renamed before it is looked at, as `sweep` does.
        """
        mine = f"{left.removesuffix(_SWEPT)}{_SWEPT}"
        with suppress(OSError):  # it is not among them, or it does no harm where it is
            if left != mine:
                if _fs.exists(mine):
                    return
                _fs.rename(left, mine)
            data, is_final = final(mine)
            if is_final is not False and self.images.read(name_of(data)) is not None:
                _fs.unlink(mine)

    def _complete(self, commit: Commit, rows: Sequence[Row], changes: Sequence[Change]) -> None:
        self.sweep(changes, commit.id)
        try:
            self._finish(changes, commit.id)
        except replace.FOREIGN:
            self.take_back(changes, commit.id)
        else:
            self._settle(changes)
            self.done(commit, rows)

    def _set_aside(self) -> None:
        """Not ours to guess at: the files stand as they are, and the next commit goes on."""
        _fs.rename(self._intent, f"{self._intent}.unreadable")

    def _heal(self, commit: str, rows: Sequence[Row]) -> None:
        """Keep again what a power cut took from the images: the files themselves hold it."""
        for number, row in enumerate(rows):
            private = replace.is_private(self._root, row.path)
            for data in self._lying(row.path, self.temporary(commit, number)):
                if name_of(data) in (row.before, row.after):
                    self.images.keep(data, private)

    def _lying(self, path: str, waiting: str) -> Iterator[bytes]:
        """What the file holds, and the version that waits for its place, as far as it is told."""
        with suppress(OSError, *replace.FOREIGN):
            if (now := self._now(path)) is not None:
                yield now
        with suppress(OSError):
            yield _fs.read(waiting)[0]

    def _judge(self, commit: Commit, rows: Sequence[Row]) -> None:
        """A commit whose images the disk forgot: it is made, or not even begun, or past help."""
        with suppress(*replace.FOREIGN):
            now = {row.path: self._now(row.path) for row in rows}
            names = [None if data is None else name_of(data) for data in now.values()]
            if names == [row.after for row in rows]:
                self.sweep([Change(path, None, data) for path, data in now.items()], commit.id)
                self.done(commit, rows)
                return
            if names == [row.before for row in rows]:
                self.abandon([Change(path, data, None) for path, data in now.items()], commit.id)
                return
        self._set_aside()

    def changes(self, rows: Sequence[Row]) -> list[Change]:
        """The changes of a record, with their contents.

        Raises:
            OSError: a content is not kept any more.
        """
        read = self.images.read
        return [Change(row.path, read(row.before), read(row.after)) for row in rows]

    def sweep(self, changes: Sequence[Change], commit: str) -> None:
        """Look through what lies about of a commit: what somebody else wrote is put aside.

        It is renamed before it is looked at: if the commit's own process is alive after all, it
        must not exchange a file in between.
        """
        for number, change in enumerate(changes):
            for name in (f"{commit}-{number}", f"{commit}-{number}.old", f"{commit}-{number}-back"):
                found = os.path.join(self._temporary, name)
                mine = f"{found}{_SWEPT}"
                if _fs.exists(mine):  # somebody died while sweeping
                    replace.put_away(mine, self._root, change, self.late)
                if _fs.exists(found):
                    _fs.rename(found, mine)
                    replace.put_away(mine, self._root, change, self.late)

    def _finish(self, changes: Sequence[Change], commit: str) -> None:
        """Make the changes that are not made yet; before the first, look whether all can be."""
        now = {change.path: self._now(change.path) for change in changes}
        for change in changes:
            if now[change.path] not in (change.before, change.after):
                raise _theirs(change.path)
        for number, change in enumerate(changes):
            if now[change.path] == change.before:
                self._make(change, self.temporary(commit, number))

    def take_back(
        self, changes: Sequence[Change], commit: str, made: Collection[Change] | None = None
    ) -> None:
        """Bring back what stood there before, wherever nobody has written since.

        `made` are the changes that were made, None where that is not known.
        """
        for number, change in reversed(list(enumerate(changes))):
            if made is None or change in made:
                back = replace.inverse(change)
                with suppress(*replace.FOREIGN):
                    if self._now(back.path) == back.before:
                        self._make(back, f"{self.temporary(commit, number)}-back")
        self._settle([replace.inverse(change) for change in changes])
        self.abandon(changes, commit)

    def _now(self, path: str) -> bytes | None:
        try:
            return replace.current(self._root, path)
        except PermissionError:
            raise _theirs(path) from None

    def _make(self, change: Change, temporary: str) -> None:
        replace.prepare(self._root, change, temporary)
        replace.apply(self._root, change, temporary, self.late, _go)

    def _settle(self, changes: Sequence[Change]) -> None:
        replace.sync_folders(self._root, changes)
        replace.drop_empty_folders(self._root, changes)


def _mode(root: str) -> int:
    """The mode of our own files: nobody may read them who may not enter the memory."""
    try:
        return _fs.stat(root).st_mode & 0o666
    except OSError:
        return 0o666


def _theirs(path: str) -> ConflictError:
    return ConflictError(f"{path} is somebody else's by now", "it is left alone")
