"""What was looked at and what was found, and what it comes to for an entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from agent_memory.core.document import Entry

Verdict = Literal["fresh", "suspect", "stale"]
Weight = Literal["info", "suspect", "stale"]
Kind = Literal[
    "path gone",
    "path moved",
    "symbol gone",
    "command gone",
    "version",
    "broken link",
    "expired",
    "superseded",
    "changed",
    "cannot tell",
]
_ORDER: tuple[Weight, ...] = ("info", "suspect", "stale")
_VERDICTS: dict[Weight, Verdict] = {"info": "fresh", "suspect": "suspect", "stale": "stale"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that an entry says, held against the project.

    `kind`, `detail` and `line` (of the memory's file, from 1) are for people; the rest is for
    programs: `weight` is what it alone would make of the entry, `subject` what the entry names as
    it is written there, `path` the file that this meant when the line was written, `written` the
    commit that wrote the line ("" where it is not known), `commit` and `date` when the subject
    went, `renamed_to` where git says that it is now, `nearest` the only file of its name where
    git does not say so.
    """

    kind: Kind
    detail: str
    line: int
    weight: Weight
    subject: str = ""
    path: str = ""
    written: str = ""
    commit: str = ""
    date: str = ""
    renamed_to: str = ""
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class StaleEntry:
    """An entry, what it comes to, and why.

    `verified` is the day, as YYYY-MM-DD, on which somebody looked at it and found it still true,
    "" where nobody did: what was known on that day weighs nothing any more.
    """

    entry: Entry
    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    verified: str = ""


@dataclass(frozen=True, slots=True)
class Staleness:
    """Every entry with its verdict; `notices` say what could not be looked at, and why."""

    entries: tuple[StaleEntry, ...]
    notices: tuple[str, ...] = ()
    head: str = ""


def verdict(evidence: Iterable[Evidence]) -> Verdict:
    """What evidence comes to: the heaviest piece decides, and age alone weighs nothing."""
    weights = [_ORDER.index(one.weight) for one in evidence]
    return _VERDICTS[_ORDER[max(weights, default=0)]]
