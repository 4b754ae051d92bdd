"""Every call that the storage makes to the operating system, led through one function.

`_fs.py` (and the lock's look at its own file) get a stand-in for `os` whose functions ask the
hook first; so do the lease of `fcntl` and the system's rename with flags. What filelock and the
rest of the process call is left alone.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import genericpath
import os
import posixpath
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest import mock

from agent_memory.storage import _fs, lock

CHANGING = {
    "chmod", "chown", "fsync", "link", "mkdir", "rename", "renameat2", "replace", "rmdir",
    "setxattr", "unlink", "write",
}  # fmt: skip
LOOKING = {"close", "fcntl", "fstat", "getxattr", "listdir", "listxattr", "lstat", "read",
           "scandir", "stat"}  # fmt: skip
NAMES = CHANGING | LOOKING | {"open"}
_PATHS = {"exists", "isdir", "islink", "lexists", "realpath"}  # of os.path: they call os.lstat


@dataclass(frozen=True)
class Call:
    """One call to the operating system: a name of `NAMES`, and its arguments."""

    name: str
    args: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def opens_for_writing(self) -> bool:
        return self.name == "open" and bool(self.args[1] & (os.O_WRONLY | os.O_RDWR))

    @property
    def changes(self) -> bool:
        """Whether it may change what is on the disk."""
        return self.name in CHANGING or self.opens_for_writing

    def __str__(self) -> str:
        shown = [os.path.basename(a) if isinstance(a, str) else a for a in self.args[:4]]
        return f"{self.name}({', '.join(f'{a!r:.40}' for a in shown if not callable(a))})"


Do = Callable[[], Any]
Hook = Callable[[Call, Do], Any]
"""Gets a call and how to make it; returns what the caller is to get, or raises."""


class _Os:
    """`os`, with a hook before every call that reaches the operating system."""

    def __init__(self, hook: Hook) -> None:
        self._hook = hook
        self.path = _Path(self)

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name == "scandir":
            return self._scandir
        return partial(self._call, name, real) if name in NAMES else real

    def _call(self, name: str, real: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return self._hook(Call(name, args, options), lambda: real(*args, **options))

    def _scandir(self, path: str) -> _Listing:
        return _Listing(self._call("scandir", os.scandir, path), self)


class _Path:
    """`os.path`, whose functions make their calls through the stand-in, too."""

    def __init__(self, standing_in: _Os) -> None:
        self._os = standing_in

    def __getattr__(self, name: str) -> Any:
        real = getattr(os.path, name)
        return partial(self._through, real) if name in _PATHS else real

    def _through(self, real: Callable[..., Any], *args: Any) -> Any:
        with (
            mock.patch.object(posixpath, "os", self._os),
            mock.patch.object(genericpath, "os", self._os),
        ):
            return real(*args)


class _Listing:
    """What `os.scandir` gives, with entries that make their calls through the stand-in."""

    def __init__(self, entries: Any, standing_in: _Os) -> None:
        self._entries = entries
        self._os = standing_in

    def __enter__(self) -> _Listing:
        return self

    def __exit__(self, *_: object) -> None:
        self._entries.close()

    def __iter__(self) -> Iterator[_Entry]:
        return (_Entry(entry, self._os) for entry in self._entries)


class _Entry:
    def __init__(self, entry: os.DirEntry[str], standing_in: _Os) -> None:
        self._entry = entry
        self._os = standing_in

    def __getattr__(self, name: str) -> Any:
        return getattr(self._entry, name)

    def stat(self, follow_symlinks: bool = True) -> Any:
        return self._os.stat(self._entry.path, follow_symlinks=follow_symlinks)


@contextmanager
def hooked(*hooks: Hook) -> Iterator[None]:
    """Lead every call of the storage through these hooks, the first one outermost."""

    def through(call: Call, do: Do) -> Any:
        for hook in reversed(hooks):
            do = partial(hook, call, do)
        return do()

    standing_in = _Os(through)
    lease, rename = fcntl.fcntl, _fs._system_rename()

    def leased(*args: Any) -> Any:
        return through(Call("fcntl", args), lambda: lease(*args))

    def found() -> Callable[..., Any] | None:
        return renamed if rename else None

    def renamed(*args: Any) -> Any:
        assert rename is not None
        return through(Call("renameat2", args), lambda: rename(*args))

    with ExitStack() as stack:
        enter = stack.enter_context
        enter(mock.patch.object(_fs, "os", standing_in))
        enter(mock.patch.object(lock, "os", standing_in))
        enter(mock.patch.object(fcntl, "fcntl", leased))
        enter(mock.patch.object(_fs, "_system_rename", found))
        yield


def refuse(call: Call, number: int) -> int:
    """Let a call fail with an error number, in the way in which this call says so."""
    if call.name == "renameat2":
        ctypes.set_errno(number)
        return -1
    raise OSError(number, os.strerror(number))


def no_waiting_for_the_disk(call: Call, do: Do) -> Any:
    """A hook: what was synced is not waited for, as nobody cuts the power."""
    return None if call.name == "fsync" else do()


def no_exchange(call: Call, do: Do) -> Any:
    """A hook: a system without a rename with flags."""
    return refuse(call, errno.ENOSYS) if call.name == "renameat2" else do()
