"""What waits to be accepted: entries from sources that may not write to the memory themselves.

An entry that waits is said in a commit, as one that was pruned or verified is, and stands in no
file: no prompt, search or list of entries can hold it. Filtering words does not stop a text that
was made to be remembered; that somebody looks at it first does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agent_memory.core import text as texts
from agent_memory.core.archive import standing
from agent_memory.core.history import Commit, Judged, Record
from agent_memory.errors import AmbiguousError, NotFoundError, PolicyError

QUARANTINE, ACCEPT = "quarantine", "accept"
"""The operations of the commits that keep an entry apart, and that let it in."""
_STATES = ("waiting", "accepted", "rejected")
_SHORTEST = 4  # characters of an id that may stand for the whole


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that waits; `topic` is where it is to go, "" for the index.

    `time`, `actor`, `source` and `session` are those of the commit that brought it.
    """

    id: str
    text: str
    topic: str
    section: str
    time: datetime
    actor: str
    source: str
    session: str


def waiting(commits: Iterable[Commit]) -> list[Waiting]:
    """What waits, the oldest first; the commits come newest first."""
    newest: dict[str, tuple[Commit, Judged]] = {}
    for commit, one in standing(commits):
        if one.done in _STATES:
            newest.setdefault(one.entry, (commit, one))
    return [
        Waiting(
            one.entry, one.source, one.path, one.section,
            commit.time, commit.actor, commit.source, commit.session,
        )
        for commit, one in reversed(newest.values())
        if one.done == "waiting"
    ]  # fmt: skip


def state(records: Iterable[Record], entry: str) -> str:
    """What the history says last of an entry in the inbox, "" where it says nothing."""
    said = standing(record.commit for record in records)
    return next((one.done for _, one in said if one.entry == entry and one.done in _STATES), "")


def find(found: Iterable[Waiting], wanted: str) -> Waiting:
    """What waits under this id, or the only one whose id begins so.

    Raises:
        NotFoundError: nothing does.
        AmbiguousError: several ids begin so.
    """
    start = wanted.strip().lower()
    begin_so = [one for one in found if len(start) >= _SHORTEST and one.id.startswith(start)]
    if not begin_so:
        raise NotFoundError(
            f"nothing waits under the id {texts.shorten(wanted, 40)}",
            "`agent-memory inbox` lists what does",
        )
    if len(begin_so) > 1:
        listed = tuple(f"{one.id}  {texts.shorten(one.text, 80)}" for one in begin_so)
        raise AmbiguousError(f"several ids begin with {start}", "give more of the id", listed)
    return begin_so[0]


def refuse_settled(records: Iterable[Record], one: Waiting) -> None:
    """Refuse to decide again what somebody else has decided meanwhile.

    Raises:
        NotFoundError: it was accepted or rejected.
    """
    said = state(records, one.id)
    if said not in ("", "waiting"):  # "": only the archive knows of it
        raise NotFoundError(f"{one.id} was {said} meanwhile", "there is nothing left to decide")


def judged(done: Literal["accepted", "rejected"], one: Waiting) -> Judged:
    """What the commit that decides says of it."""
    return Judged(done, one.id, one.text, one.topic, 0, one.section)


def refuse(operation: str, source: str) -> None:
    """Refuse all but remembering to a source whose entries wait.

    A change or a removal is not kept for somebody to decide on: the entry that it is about may be
    another one by then, and nothing in it could be screened.

    Raises:
        PolicyError: always, unless the operation fills the inbox, or is a person's answer.
    """
    if operation not in (QUARANTINE, ACCEPT):
        raise PolicyError(
            f"what comes from the source {source!r} may only be remembered, and then waits for a"
            " person; it changes nothing that is there",
            "remember what is to be known instead: whoever accepts it sees to the rest",
        )
