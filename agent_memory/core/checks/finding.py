"""A finding, what rules look at, and how a function becomes one of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from textwrap import dedent
from typing import TYPE_CHECKING, Literal

from agent_memory.core import links
from agent_memory.core.budget import Budget
from agent_memory.core.links import Link, Names
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot
from agent_memory.core.staleness.evidence import StaleEntry

if TYPE_CHECKING:
    from agent_memory.core.document import Document, Entry
    from agent_memory.core.secrets import Detector

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a place: what it is, and what to do. `line` counts from 1, 0: the file.

    `entry` is the id of the entry that stands there, "" where none does.
    """

    code: str
    severity: Severity
    path: str
    line: int
    message: str
    hint: str
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules go by besides the files of the memory; gathered by whoever checks.

    `outside` holds the files of the project's other memories, as paths from this one;
    `instructions` is what the project tells every agent anyway, path → text; `project` is the
    name of the project's folder; `detect` is a second opinion on what is a secret; `stale` is
    what is known of entries that may no longer be true, gathered only where a rule of the family
    `ST` is asked for, and `untold` what could not be known of them, and why.
    """

    outside: frozenset[str] = frozenset()
    instructions: Mapping[str, str] = field(default_factory=dict)
    project: str = ""
    detect: Detector | None = None
    stale: Sequence[StaleEntry] = ()
    untold: Sequence[str] = ()


@dataclass(frozen=True)
class Subject:
    """What rules look at; what several of them need is worked out once."""

    snapshot: Snapshot
    budget: Budget
    facts: Facts = field(default_factory=Facts)

    @cached_property
    def names(self) -> Names:
        """The names under which files can be meant."""
        return links.names(self.snapshot, self.facts.outside)

    @cached_property
    def links(self) -> list[Link]:
        """Every link, the index's first."""
        return links.find_all(self.snapshot, self.names)

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """Every file, the index first."""
        paths = [INDEX, *self.snapshot.topics] if self.snapshot.files else []
        return tuple(map(self.snapshot.document, paths))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, the index's first."""
        return tuple(entry for document in self.documents for entry in document.entries)


Place = tuple[str, int, str, str]
"""What a rule yields: path, line, message, hint."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked for; `name` and `explanation` are its function's."""

    code: str
    severity: Severity
    find: Callable[[Subject], Iterator[Place]]
    fix: str = ""

    @property
    def name(self) -> str:
        """What is found, in a few words."""
        return self.find.__name__.replace("_", " ")

    @property
    def explanation(self) -> str:
        """What is wrong with it, the whole docstring; its first line stands alone."""
        first, _, rest = (self.find.__doc__ or "").partition("\n")
        return f"{first}\n{dedent(rest)}".strip()

    @property
    def summary(self) -> str:
        """The first line of the explanation."""
        return self.explanation.partition("\n")[0]

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        """The findings in a memory."""
        for path, line, message, hint in self.find(subject):
            yield Finding(self.code, self.severity, path, line, message, hint)


RULES: dict[str, Rule] = {}


def rule(
    code: str, severity: Severity, fix: str = ""
) -> Callable[[Callable[[Subject], Iterator[Place]]], Rule]:
    """Make a function that yields places a rule with this code and severity.

    Args:
        code: two letters of the family, three digits.
        severity: `error` and `warning` fail a check, `info` is for a reader.
        fix: what `--fix` does about it, "" where that is left to people.
    """

    def register(function: Callable[[Subject], Iterator[Place]]) -> Rule:
        RULES[code] = Rule(code, severity, function, fix)
        return RULES[code]

    return register
