"""Putting one file's new content in place of the old, in one step, and looking at what was there.

Editors, agents' own tools and git take no lock, so a look before the step is not enough: they
may write between the look and the step. The new file and the old one therefore change places,
and what was displaced is compared with what was expected. If it is something else, they change
places again and the commit is planned anew.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from unicodedata import normalize

from agent_memory.core.snapshot import Change
from agent_memory.errors import ConflictError, StorageError, UnsafePathError
from agent_memory.storage import _fs, steady
from agent_memory.storage.late import LateVersions, final
from agent_memory.storage.scan import path_below

FOREIGN = (ConflictError, UnsafePathError, NotADirectoryError, IsADirectoryError)
"""What a path raises that somebody else has made theirs: it is left alone when taking back."""
_GONE = (_fs.DetourError, FileNotFoundError, FileExistsError)
_PAUSE = 0.005  # seconds between two looks whether somebody has let go of a file
_LOOKS = 40


def prepare(root: str, change: Change, temporary: str) -> None:
    """Write the new content to the file `temporary`, synced; a removal needs none.

    Under this name it is always whole: it is written under another one first.

    Raises:
        ConflictError: the file that it is to replace is gone.
        UnsafePathError: a symbolic link leads out of the memory.
        OSError: it cannot be written.
    """
    target = safe_target(root, change.path)
    if change.after is None:
        return
    part = f"{temporary}.part"
    with suppress(FileNotFoundError):
        _fs.unlink(part)
    try:
        _fs.create(part, change.after, like=None if change.before is None else target)
    except FileNotFoundError:
        raise _changed(change.path) from None
    _fs.rename(part, temporary)


def apply(
    root: str, change: Change, temporary: str, late: LateVersions, guard: Callable[[], None]
) -> None:
    """Make the change, if the file still is what it was when the change was planned.

    New content goes to where a link leads; a removal takes the link itself away. `guard` is
    called in the last moment before the file changes, and stops it by an exception.

    Raises:
        ConflictError: somebody changed the file, or the way to it, meanwhile.
        UnsafePathError: a symbolic link leads out of the memory.
        OSError: it cannot be replaced or removed.
    """
    if current(root, change.path) != change.before:
        raise _changed(change.path)
    base, real = _located(root, change.path)
    guard()
    try:
        if change.after is None:
            displaced = _take_out(base, change.path, temporary)
        elif change.before is None:
            _fs.makedirs_below(base, real)
            _fs.place_below(temporary, base, real)
            displaced = False
        else:
            _swap(base, real, temporary, change.before)
            displaced = True
    except _GONE:
        raise _changed(change.path) from None
    if displaced:
        _compare(base, real, change, temporary, late)


def _take_out(base: str, path: str, temporary: str) -> bool:
    """Move a file out of the memory; a link is only removed, and has no content of its own."""
    if stat.S_ISLNK(_fs.status_below(base, path).st_mode):
        _fs.unlink_below(base, path)
        return False
    _fs.take_below(base, path, temporary)
    return True


def _swap(base: str, real: str, temporary: str, before: bytes) -> None:
    """Let the new file and the old one change places, or come as near to it as the system can."""
    try:
        _fs.exchange_below(temporary, base, real)
        return
    except _fs.UnsupportedError:
        pass
    old = f"{temporary}.old"
    with suppress(FileNotFoundError):
        _fs.unlink(old)
    try:
        _fs.link_below(base, real, old)  # also holds what is written to it from now on
    except (_fs.UnsupportedError, PermissionError, NotImplementedError):
        _fs.create(old, before)  # no links here either: what we read is all there is to compare
    _fs.replace_below(temporary, base, real)
    _fs.rename(old, temporary)


def _compare(base: str, real: str, change: Change, temporary: str, late: LateVersions) -> None:
    """Look at what was displaced; if it is not what was expected, put it back.

    Raises:
        ConflictError: it was something else, which is in its place again.
    """
    data, is_final = _settled(temporary)
    if data in (change.before, change.after):  # `after`: another process finished it for us
        _put_aside(temporary, change.path, change.before, is_final, late)
        return
    try:
        if change.after is None:
            _fs.place_below(temporary, base, change.path)
        else:
            _swap(base, real, temporary, change.after)
            data, is_final = _settled(temporary)
            if data != change.after:  # and now somebody wrote to ours
                late.add(temporary, change.path, change.after)
            else:
                _put_aside(temporary, change.path, change.after, is_final, late)
    except _GONE:  # its place is taken, or gone: the next look merges it
        late.add(temporary, change.path, change.before)
    raise _changed(change.path)


def _settled(file: str) -> tuple[bytes, bool]:
    """The bytes of a displaced file, and whether nobody can write to it any more."""
    for _ in range(_LOOKS):
        data, is_final = final(file)
        if is_final is not False:
            break
        _fs.pause(_PAUSE)
    return data, bool(is_final)


def _put_aside(
    file: str, path: str, base: bytes | None, is_final: bool, late: LateVersions
) -> None:
    """Remove a displaced file, or keep it in sight while somebody may still write to it."""
    if is_final:
        _fs.unlink(file)
    else:
        late.add(file, path, base)


def put_away(file: str, root: str, change: Change, late: LateVersions) -> None:
    """Remove what lies about of a change, or put it aside where it is somebody else's work.

    What is neither the version before nor the one after was displaced by us and never compared.
    It was made out of the one that is not in the file's place.
    """
    data, is_final = final(file)
    if data in (change.before, change.after):
        _put_aside(file, change.path, data, bool(is_final), late)
        return
    try:
        ours = current(root, change.path) == change.after
    except (OSError, ConflictError, UnsafePathError):
        ours = True
    late.add(file, change.path, change.before if ours else change.after)


def _changed(path: str) -> ConflictError:
    return ConflictError(f"{path} was changed by somebody else just now", "try again")


def inverse(change: Change) -> Change:
    """The change that takes a change back."""
    return Change(change.path, change.after, change.before)


def current(root: str, path: str) -> bytes | None:
    """The file's bytes now, None where there is none of exactly this name.

    Raises:
        ConflictError: a folder on the way has just become a link.
        UnsafePathError: a symbolic link leads out of the memory.
        OSError: it cannot be read, or is no file.
    """
    try:
        data = steady.read_below(*_located(root, path))
        return data if _is_spelled(root, path) else None
    except FileNotFoundError:
        return None
    except _fs.DetourError:
        raise _changed(path) from None


def _is_spelled(root: str, path: str) -> bool:
    """Whether every name on the way is there as it is spelled.

    Some disks open `a.md` by the name `A.md`: it must not be taken for the file that a rename of
    case alone makes, which then is removed as the old one. Such disks may also keep a name in
    another Unicode form, which says nothing.
    """
    folder = root
    for name in path.split("/"):
        wanted = normalize("NFC", name)
        if all(normalize("NFC", known) != wanted for known in _fs.listdir(folder)):
            return False
        folder = os.path.join(folder, name)
    return True


def safe_target(root: str, path: str) -> str:
    """The real file behind a path of the memory: a link is written through, never replaced.

    Raises:
        UnsafePathError: it lies outside of the memory.
    """
    return os.path.join(*_located(root, path))


def _located(root: str, path: str) -> tuple[str, str]:
    """The memory's real directory, and the path below it of the real file behind `path`."""
    base = _fs.realpath(root)
    below = path_below(base, _fs.realpath(os.path.join(base, path)))
    if not below or ".." in path.split("/"):
        raise UnsafePathError(
            f"{path} leads out of the memory by a symbolic link", "replace the link by a file"
        )
    return base, below


def parted(root: str, changes: Iterable[Change]) -> Iterator[str]:
    """What to say of files with other names, hard links, that a change of theirs parts them from.

    They could only be kept together by writing into the file, where a crash tears it.
    """
    for change in changes:
        with suppress(OSError):
            links = _fs.stat(os.path.join(root, change.path)).st_nlink
            if links > 1 and change.before is not None and change.after is not None:
                others = (
                    "its other name keeps" if links == 2 else f"its {links - 1} other names keep"
                )
                yield (
                    f"{change.path} was a hard link: {others} the old text;"
                    " link symbolically instead"
                )


def is_private(root: str, path: str) -> bool:
    """Whether nobody but its owner may read the file at `path`; False where there is none."""
    try:
        return not stat.S_IMODE(_fs.stat(os.path.join(root, path)).st_mode) & 0o044
    except OSError:
        return False


def sync_folders(root: str, changes: Iterable[Change]) -> None:
    """Make the names of all changed files durable, as far as their folders are still there."""
    base = _fs.realpath(root)
    written = [path for path in (_written(root, change) for change in changes) if path]
    names = {os.path.dirname(path): path for path in written}
    for path in written:  # the folders above may be new, too
        while path := os.path.dirname(path):
            names.setdefault(os.path.dirname(path), path)
    for _, path in sorted(names.items()):
        with suppress(FileNotFoundError, NotADirectoryError, _fs.DetourError):
            _fs.sync_below(base, path)


def _written(root: str, change: Change) -> str:
    """The path of the name that a change has changed, "" when it is no more in the memory."""
    if change.after is None:  # the name that was taken away, even where it was a link
        inside = not change.path.startswith("/") and ".." not in change.path.split("/")
        return change.path if inside else ""
    try:
        return _located(root, change.path)[1]
    except UnsafePathError:
        return ""


def drop_empty_folders(root: str, changes: Iterable[Change]) -> None:
    """Remove the folders above removed topics that hold nothing any more."""
    for change in changes:
        folder = os.path.dirname(_written(root, change)) if change.after is None else ""
        while folder and _drop(_fs.realpath(root), folder):
            folder = os.path.dirname(folder)


def _drop(root: str, folder: str) -> bool:
    try:
        _fs.rmdir_below(root, folder)
    except OSError:  # not empty, as a rule
        return False
    return True


def as_storage_error(root: str, error: OSError) -> StorageError:
    """What the operating system said, with what to do about it."""
    hints = {
        errno.EACCES: "make the directory and its files writable for you",
        errno.EPERM: "make the directory and its files writable for you",
        errno.EROFS: "the file system is mounted read-only",
        errno.ENOSPC: "free some disk space; nothing was changed",
        errno.EDQUOT: "your disk quota is used up; nothing was changed",
        errno.ENAMETOOLONG: "use a shorter name",
    }
    name = error.filename if isinstance(error.filename, str) else root
    return StorageError(
        f"{name}: {error.strerror or error}",
        hints.get(error.errno or 0, "nothing was changed; look at the disk and try again"),
        error.errno,
    )
