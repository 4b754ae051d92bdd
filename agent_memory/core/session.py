"""A session of an agent: how much it may write, and what it came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent_memory.core import text as texts
from agent_memory.core.history import Judged, Record
from agent_memory.core.snapshot import Change, parsed
from agent_memory.errors import PolicyError

_KINDS = {
    "remember": "added", "create": "added",
    "update": "updated", "str_replace": "updated", "insert": "updated", "write": "updated",
    "forget": "forgotten", "delete": "forgotten", "remove": "forgotten",
    "move": "moved", "rename": "moved",
    "quarantine": "waiting",
}  # fmt: skip
_ADVICE = (
    "stop saving: put what matters into your answer, so that a person, or a later session, can"
    " save it"
)


@dataclass(frozen=True, slots=True)
class Weight:
    """How much was written: entries that are new, other or gone, and bytes of new lines."""

    entries: int = 0
    bytes: int = 0

    def __add__(self, other: Weight) -> Weight:
        return Weight(self.entries + other.entries, self.bytes + other.bytes)


def weight(changes: Iterable[Change], judged: Iterable[Judged]) -> Weight:
    """What a commit weighs; what only changes its place weighs as little as a commit can."""
    entries, lines = Counter[str](), Counter[str]()
    for change in changes:
        for data, sign in ((change.before, -1), (change.after, 1)):
            document = parsed(change.path, data or b"")
            for entry in document.entries:
                entries[entry.id] += sign
            for line in document.lines:
                lines[line] += sign
    waits = [one for one in judged if one.done == "waiting"]
    new, gone = (+entries).total(), (-entries).total()
    size = sum(texts.size(line) * count for line, count in (+lines).items())
    return Weight(
        max(new, gone, 0 if waits else 1) + len(waits),
        size + sum(texts.size(one.source) for one in waits),
    )


def spent(records: Iterable[Record], session: str) -> Weight:
    """What a session has written by now, as far as the history has its bytes."""
    total = Weight()
    for record in records:
        if record.commit.session == session and record.commit.undoes is None:
            total += weight(_changes(record), record.commit.judged)
    return total


def _changes(record: Record) -> list[Change]:
    if not record.kept:
        return []
    return [Change(path, record.before[path], record.after[path]) for path in record.after]


def refuse(limits: Weight, total: Weight) -> None:
    """Refuse what would bring a session beyond its limits.

    Raises:
        PolicyError: it does.
    """
    for limit, amount, what in (
        (limits.entries, total.entries, "entries"),
        (limits.bytes, total.bytes, "bytes"),
    ):
        if amount > limit:
            raise PolicyError(
                f"nothing was saved: one session may write {limit:,} {what} of a memory, and this"
                f" would make it {amount:,}",
                _ADVICE,
            )


@dataclass(frozen=True, slots=True)
class Told:
    """One call of a session, in words: what it did, or why it was refused."""

    operation: str
    said: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What a session did, call by call and in words; `waiting` is what went into the inbox.

    `other` holds what is none of these, such as a compaction.
    """

    session: str
    actor: str
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The summary to be shown, a line each."""
        kinds = {
            "added": self.added, "updated": self.updated, "forgotten": self.forgotten,
            "moved": self.moved, "waiting in the inbox": self.waiting,
            "changed otherwise": self.other, "refused": self.refused,
        }  # fmt: skip
        counts = ", ".join(f"{len(said)} {kind}" for kind, said in kinds.items() if said)
        head = f"session {self.session} of {self.actor}: {counts or 'nothing was written'}"
        lines = [f"- {line}" for kind, said in kinds.items() for line in said if kind != "refused"]
        return "\n".join([head, *lines, *(f"- refused: {line}" for line in self.refused)])


def summary(session: str, actor: str, told: Sequence[Told]) -> Summary:
    """The summary of what was told, in the order in which it was done."""
    kinds: dict[str, list[str]] = {}
    for one in told:
        kind = "refused" if one.refused else _KINDS.get(one.operation, "other")
        kinds.setdefault(kind, []).append(one.said)
    return Summary(session, actor, **{kind: tuple(said) for kind, said in kinds.items()})
