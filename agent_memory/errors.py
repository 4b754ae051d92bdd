"""Everything that can go wrong, in one tree.

::

    AgentMemoryError            .message (what is wrong), .hint (what to do)
    ├── UnsafePathError         also ValueError: a name that leaves the memory, or collides
    ├── NotFoundError           also LookupError: .suggestions
    ├── AmbiguousError          .candidates, nothing was changed
    ├── ConflictError           .base .ours .theirs, nothing was changed
    ├── BudgetError             also ValueError: what is pinned, or one entry, cannot fit
    ├── LockTimeoutError        also TimeoutError: another process holds the memory
    ├── PolicyError             also ValueError: text that must not be saved; never carries it
    ├── DefinitionError         also ValueError: .path .line .column of an agent definition
    ├── DecodeError             also ValueError: settings, journal or input that cannot be read
    └── StorageError            also OSError: the disk said no

Errors are raised where the fact is known and can be pickled, so they cross process boundaries.
"""

from __future__ import annotations


class AgentMemoryError(Exception):
    """Base of every error of this package: one line what is wrong, one line what to do."""

    def __init__(self, message: str, hint: str = "", **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self._details = details

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        details = {name: getattr(self, name) for name in self._details}  # as they are by now
        return (_rebuild, (type(self), self.message, self.hint, details))


def _rebuild(
    kind: type[AgentMemoryError], message: str, hint: str, details: dict[str, object]
) -> AgentMemoryError:
    return kind(message, hint, **details)


class UnsafePathError(AgentMemoryError, ValueError):
    """A name that would leave the memory's directory, or that collides with another one."""


class NotFoundError(AgentMemoryError, LookupError):
    """Nothing has that id, text, topic or commit. `suggestions` holds near misses."""

    def __init__(self, message: str, hint: str = "", suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint, suggestions=suggestions)
        self.suggestions = suggestions


class AmbiguousError(AgentMemoryError):
    """Several things match; nothing was changed. `candidates` names each of them."""

    def __init__(self, message: str, hint: str = "", candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint, candidates=candidates)
        self.candidates = candidates


class ConflictError(AgentMemoryError):
    """Two changes to the same place; no memory file was changed.

    `base`, `ours` and `theirs` are whole texts of the file `path`; both sides changed what stands
    at `line` of theirs. `kept` is the id under which ours is kept, "" where it is not.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        base: str = "",
        ours: str = "",
        theirs: str = "",
        path: str = "",
        line: int = 0,
        operation: str = "",
        kept: str = "",
    ) -> None:
        sides = {"base": base, "ours": ours, "theirs": theirs}
        super().__init__(
            message, hint, **sides, path=path, line=line, operation=operation, kept=kept
        )
        self.base = base
        self.ours = ours
        self.theirs = theirs
        self.path = path
        self.line = line
        self.operation = operation
        self.kept = kept


class BudgetError(AgentMemoryError, ValueError):
    """What is pinned, or one new entry alone, does not fit what a runner loads."""


class LockTimeoutError(AgentMemoryError, TimeoutError):
    """Another process held the memory's lock for too long."""


class PolicyError(AgentMemoryError, ValueError):
    """Text that must not be saved. The message names the rule and never repeats the text."""


class DefinitionError(AgentMemoryError, ValueError):
    """An agent definition that cannot be used; `line` and `column` count from 1, 0 if unknown."""

    def __init__(
        self, message: str, hint: str = "", path: str = "", line: int = 0, column: int = 0
    ) -> None:
        super().__init__(message, hint, path=path, line=line, column=column)
        self.path = path
        self.line = line
        self.column = column


class DecodeError(AgentMemoryError, ValueError):
    """Settings, a journal or input that cannot be read as what it should be."""


class StorageError(AgentMemoryError, OSError):
    """The operating system refused; `errno` is set when it gave one."""

    def __init__(self, message: str, hint: str = "", errno: int | None = None) -> None:
        super().__init__(message, hint, errno=errno)
        self.errno = errno
