"""A finding, and how a rule becomes one of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Literal

from agent_memory.core.budget import Budget
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


@dataclass(frozen=True, slots=True)
class Subject:
    """What rules look at."""

    snapshot: Snapshot
    budget: Budget


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
