"""How a memory stands, for whoever answers for it: everything that a report tells, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from agent_memory.core.history import FOUND, Commit, Record
from agent_memory.core.lost import lost
from agent_memory.core.records import trace
from agent_memory.core.report.growth import Day, growth
from agent_memory.core.topics import Topic, topics

if TYPE_CHECKING:
    from agent_memory.core.budget import BudgetReport
    from agent_memory.core.checks.finding import Finding
    from agent_memory.core.conflict import Conflict
    from agent_memory.core.graph import Graph
    from agent_memory.core.lost import Lost
    from agent_memory.core.prompt import Place
    from agent_memory.core.snapshot import Snapshot
    from agent_memory.core.staleness.evidence import Staleness

RECENT = 30  # commits that a report names


@dataclass(frozen=True, slots=True)
class TopicAge:
    """A topic with what the history knows of it.

    `since` is when it was made, or, with `found`, when the history began and it stood there
    already; `changed` is its last recorded change and `changed_by` who made that. None: the
    history has no record of it. `unrecorded` says that others have changed it since.
    """

    topic: Topic
    since: datetime | None = None
    found: bool = False
    changed: datetime | None = None
    changed_by: str = ""
    unrecorded: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """All that a report tells; `made` is when, `entries` how many the memory holds.

    `commits` are the newest; `all_commits` says how many the history has.
    """

    place: Place
    name: str
    made: datetime
    budget: BudgetReport
    entries: int
    topics: tuple[TopicAge, ...]
    findings: tuple[Finding, ...]
    staleness: Staleness
    growth: tuple[Day, ...]
    commits: tuple[Commit, ...]
    all_commits: int
    lost: tuple[Lost, ...]
    conflicts: tuple[Conflict, ...]
    graph: Graph


@dataclass(frozen=True, slots=True)
class Looks:
    """What others have found out about a memory, gathered for its standing."""

    budget: BudgetReport
    findings: Sequence[Finding]
    staleness: Staleness
    conflicts: Sequence[Conflict]
    graph: Graph


def standing(
    place: Place,
    name: str,
    snapshot: Snapshot,
    records: Sequence[Record],
    looks: Looks,
    now: datetime,
) -> Standing:
    """How the memory `name` stands `now`; `records` are its whole history, the newest first."""
    commits = [record.commit for record in records if record.commit.operation != FOUND]
    grown = growth(snapshot, records, now)
    return Standing(
        place,
        name,
        now,
        looks.budget,
        grown[-1].entries,
        tuple(_aged(topic, snapshot, records) for topic in topics(snapshot, looks.budget.budget)),
        tuple(looks.findings),
        looks.staleness,
        grown,
        tuple(islice(commits, RECENT)),
        len(commits),
        lost(snapshot, records),
        tuple(looks.conflicts),
        looks.graph,
    )


def _aged(topic: Topic, snapshot: Snapshot, records: Sequence[Record]) -> TopicAge:
    traced = list(trace(records, topic.path))
    if not traced or topic.problem:
        return TopicAge(topic)
    newest, (oldest, first_name) = traced[0][0], traced[-1]
    changes = [record.commit for record, _ in traced if record.commit.operation != FOUND]
    return TopicAge(
        topic,
        oldest.commit.time,
        not (oldest.kept and oldest.before[first_name] is None),
        changes[0].time if changes else None,
        changes[0].actor if changes else "",
        newest.kept and newest.after[topic.path] != snapshot.files.get(topic.path),
    )
