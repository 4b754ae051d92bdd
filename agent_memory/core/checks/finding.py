"""A finding, and how a rule becomes one of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Literal

from agent_memory.core import links
from agent_memory.core.budget import Budget
from agent_memory.core.links import Link, Names
from agent_memory.core.snapshot import Snapshot

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a place: what it is, and what to do. `line` counts from 1, 0: the file."""

    code: str
    severity: Severity
    path: str
    line: int
    message: str
    hint: str


@dataclass(frozen=True)
class Subject:
    """What rules look at; what several of them need is worked out once.

    `outside` holds the files of the project's other memories, as paths from this one.
    """

    snapshot: Snapshot
    budget: Budget
    outside: frozenset[str] = frozenset()

    @cached_property
    def names(self) -> Names:
        """The names under which files can be meant."""
        return links.names(self.snapshot, self.outside)

    @cached_property
    def links(self) -> list[Link]:
        """Every link, the index's first."""
        return links.find_all(self.snapshot, self.names)


Place = tuple[str, int, str, str]
"""What a rule yields: path, line, message, hint."""

Rule = Callable[[Subject], Iterator[Finding]]
RULES: dict[str, Rule] = {}


def rule(code: str, severity: Severity) -> Callable[[Callable[[Subject], Iterator[Place]]], Rule]:
    """Make a function that yields places a rule with this code and severity."""

    def register(function: Callable[[Subject], Iterator[Place]]) -> Rule:
        @wraps(function)
        def found(subject: Subject) -> Iterator[Finding]:
            for path, line, message, hint in function(subject):
                yield Finding(code, severity, path, line, message, hint)

        RULES[code] = found
        return found

    return register
