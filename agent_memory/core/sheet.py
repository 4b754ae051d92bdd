"""The sheet that a draft is written on: where text is put, and what is kept right on the way.

Whatever a verb changes, the index stays within its budget if it was, a topic that gets text is
linked from what a runner loads, and no file gets a name that another has. `core/draft.py` has
the verbs; here is what several of them do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice, takewhile

from agent_memory.core import budget as budgets
from agent_memory.core import (
    compact,
    links,
    lookup,
    paths,
    place,
    policy,
    remarks,
    rows,
    secrets,
    upkeep,
)  # fmt: skip
from agent_memory.core import forget as forgetting
from agent_memory.core import text as texts
from agent_memory.core.budget import Budget
from agent_memory.core.compact import Moved
from agent_memory.core.document import Document, entry_id
from agent_memory.core.history import Record
from agent_memory.core.overflow import Rules
from agent_memory.core.paths import INDEX
from agent_memory.core.secrets import Detector
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import BudgetError, UnsafePathError

_ANY_SIZE = 10**12  # bytes: a topic has a limit of lines only
ALLOWED = "saved with a secret in it"
"""How the notice begins, and the part of the commit's message, that says why one was allowed."""
_RECORDS = 1000  # commits that forgetting looks back on


@dataclass(frozen=True, slots=True)
class Settings:
    """What a draft goes by besides the files.

    `pinned` holds headings (as `place.title_key` makes them) that overflow leaves alone, `label`
    is the title of a new index, `instructions` is what the project tells every agent anyway:
    path → text; a topic of more than `topic_lines` lines is too long; `allow_secret` is why a
    secret may be saved ("": it may not), `detect` a second opinion on what is one.
    """

    budget: Budget = field(default_factory=Budget)
    pinned: frozenset[str] = frozenset()
    label: str = "Memory"
    instructions: Mapping[str, str] = field(default_factory=dict)
    topic_lines: int = budgets.TOPIC_LINES
    allow_secret: str = ""
    detect: Detector | None = None


def quoted(text: str) -> str:
    """The beginning of a text in quotation marks, fit for a message: it shows no secret."""
    return f"“{texts.shorten(secrets.masked(text), 60)}”"


class Sheet:
    """A snapshot that is being changed, and what is to be said about it."""

    def __init__(self, snapshot: Snapshot, settings: Settings, records: Iterable[Record]) -> None:
        self.snapshot = snapshot
        self.settings = settings
        self.records = records
        self.messages: list[str] = []
        self.notices: list[str] = []
        self.moved: list[Moved] = []

    def _screen(self, text: str, *known: str) -> None:
        """Refuse what must not be saved and was not there before.

        Raises:
            PolicyError: the text holds it.
        """
        settings = self.settings
        kinds = policy.screen(
            text, *known, allow_secret=settings.allow_secret, detect=settings.detect
        )
        if kinds:
            reason = texts.shorten(settings.allow_secret, 200)
            self.notices.append(f"{ALLOWED} ({', '.join(kinds)}): {reason}")

    def _remark(self, said: str) -> None:
        self.notices += remarks.advice(said)
        self.notices += remarks.repeats(said, self.settings.instructions)

    def _set(self, path: str, text: str) -> None:
        if path not in self.snapshot.files:
            self._path(path)  # a new file must not collide with what is there, even unread
        self.snapshot = self.snapshot.with_files({**self.snapshot.files, path: texts.encode(text)})

    def _path(self, topic: str) -> str:
        """The path that a caller's topic name means, safe and free of collisions."""
        path = paths.topic_path(topic)
        self._refuse_twin(path)
        return path

    def _refuse_twin(self, path: str) -> None:
        known = [*self.snapshot.files, *(skipped.path for skipped in self.snapshot.skipped)]
        twin = paths.collision(path, known)
        if twin is not None:
            raise UnsafePathError(
                f"{path} and {twin} would be one file on some systems", f"use the name {twin}"
            )
        for skipped in self.snapshot.skipped:
            if skipped.path == path:
                raise UnsafePathError(
                    f"{path} cannot be used: {skipped.reason}", "choose another name"
                )

    def _put(
        self, text: str, topic: str | None, section: str | None, before: Snapshot | None = None
    ) -> str:
        """Add an entry where it belongs, keep the budget, and return the path it went to."""
        before = before or self.snapshot
        path = INDEX if topic is None else self._path(topic)
        if path == INDEX and section is not None:
            path = self._overflowed(section) or INDEX
        if path == INDEX:
            path = self._put_in_index(text, section)
        else:
            self._put_in_topic(path, text, section)
        self._guard(before, entry_id(place.said(text)))
        return path

    def _put_in_index(self, text: str, section: str | None) -> str:
        budget = self.settings.budget
        lines = place.item(text, "- ", "\n")
        if not budget.holds(lines):
            raise BudgetError(
                f"the entry alone ({texts.count_lines(lines)} lines, {texts.size(lines):,} bytes)"
                f" is more than the index holds ({budget.lines} lines, {budget.bytes:,} bytes)",
                "put it into a topic (--topic NAME); the index will link to it",
            )
        index = rows.titled(self.snapshot.index, self.settings.label)
        if not self.snapshot.index.text.strip() and not budget.holds(index.text):
            index = Document(INDEX, rows.new_index(self.settings.label))  # blank lines, too many
        if not budget.holds(index.text):
            # Somebody left the index over budget: at its end nobody would see the entry.
            home = place.home(index)
            title = section or (home.heading.title if home and home.heading else place.NOTES)
            path, _ = compact.destination(self.snapshot, title, budget)
            self._put_in_topic(path, text, title if path in self.snapshot.files else None, title)
            return path
        self._set(INDEX, place.add(index, text, section))
        return INDEX

    def _put_in_topic(self, path: str, text: str, section: str | None, title: str = "") -> None:
        title = title or rows.title_of(path)
        is_new = path not in self.snapshot.files
        topic = self.snapshot.document(path)
        if is_new:
            ending = texts.ending(self.snapshot.text(INDEX))
            topic = Document(path, rows.new_topic(path, title, rows.hook(title), ending))
        self._set(path, place.add(topic, text, section))
        if is_new or not self._is_reachable(path):
            self._link(path, topic.title or title)

    def _split_topics(self) -> None:
        """Split topics over their own limit by their headings, as far as Markdown allows."""
        limit = Budget(self.settings.topic_lines, _ANY_SIZE, self.settings.budget.trim)
        before, rules = self.snapshot, Rules(pinned=self.settings.pinned)
        waiting = list(before.topics)
        while waiting:
            path = waiting.pop(0)
            try:
                fitted = compact.fit(self.snapshot, limit, rules, path)
            except BudgetError as error:
                self.notices.append(f"{path} stays over {limit.lines} lines: {error.message}")
                continue
            made = {move.topic: fitted.snapshot.document(move.topic).lines for move in fitted.moved}
            longest = max(map(len, made.values()), default=0)
            whole = len(self.snapshot.document(path).lines)
            if made and (longest >= whole or (len(made) == 1 and longest > limit.lines)):
                # One piece of it would be the whole again, only a link further away.
                section = max(fitted.moved, key=lambda move: move.lines).section
                self.notices.append(
                    f"{path} stays over {limit.lines} lines: most of it is one section"
                    f" ({quoted(section)}); give it headings"
                )
                continue
            self.snapshot = fitted.snapshot
            self.moved += fitted.moved
            # A piece may be too long in its turn, and so may a topic that a piece joined.
            waiting += made
        if self.snapshot.text(INDEX) != before.text(INDEX):
            self._guard(before, "")  # links that followed may have become longer

    def _link(self, path: str, title: str, tells: str = "") -> None:
        """Add a row for a topic to the part of the index that is loaded."""
        index = rows.titled(self.snapshot.index, self.settings.label)
        row = upkeep.styled_row(index, title, path, tells or self._known(path, title))
        budget = self.settings.budget
        if budget.holds(index.text):
            # What is added may overflow; the guard looks after that.
            self._set(INDEX, rows.add_row(index, row, len(index.lines) + 4))
            return
        head = budgets.kept(index.text, budget)
        top = rows.add_row(Document(INDEX, head), row, texts.count_lines(head) - 1)
        self._set(INDEX, top + index.text[len(head) :])

    def _relink(self, path: str, before: Snapshot) -> None:
        """Add the row that a topic had before, else a new one."""
        without, index = self.snapshot, self.snapshot.index
        old = [lookup.source(before, INDEX, row) for row in rows.rows_to(before, path, INDEX)]
        if old:
            self._set(INDEX, rows.add_row(index, old[0], len(index.lines) + 4))
        if not self._is_reachable(path):  # at the end it would be cut
            self.snapshot = without
            self._link(path, self.snapshot.document(path).title or rows.title_of(path))

    def _known(self, path: str, title: str) -> str:
        """A topic's own description, "" where it says no more than the title."""
        said = self.snapshot.document(path).description
        return "" if said == rows.hook(title) else texts.shorten(said, 120)

    def _overflowed(self, section: str) -> str | None:
        """The topic that overflow moved a section to, None where the index still has it."""
        if place.find_section(self.snapshot.index, section) is not None:
            return None
        path, found = compact.destination(
            self.snapshot, place.heading_text(section), self.settings.budget
        )
        return path if found else None

    def _is_reachable(self, path: str) -> bool:
        return path in links.reachable(self.snapshot, self.settings.budget)

    def _guard(self, before: Snapshot, keep: str) -> None:
        """Keep an index that was within its budget there; one that was not gets no worse."""
        was, now, budget = before.text(INDEX), self.snapshot.text(INDEX), self.settings.budget
        rules = Rules(frozenset({keep}), self.settings.pinned)
        if budget.holds(was):
            if not budget.holds(now):
                self._fit(rules)
            return
        if now != was:
            fitted = compact.make_room(self.snapshot, budget, was, rules)
            self.snapshot = fitted.snapshot
            self.moved += fitted.moved
        self._report_cut(INDEX)

    def _fit(self, rules: Rules) -> None:
        fitted = compact.fit(self.snapshot, self.settings.budget, rules)
        self.snapshot = fitted.snapshot
        self.moved += fitted.moved

    def _report_cut(self, path: str) -> None:
        if path != INDEX:
            return
        report = budgets.report(self.snapshot.text(path), self.settings.budget)
        if report.over:
            first = report.cut[0]
            self.notices.append(
                f"{INDEX} is over budget ({report.lines} lines, {report.bytes:,} bytes):"
                f" runners lose {len(report.cut)} lines from line {first.line} on"
                f" ({quoted(first.text)}); move details into a topic, or run"
                " `agent-memory compact`"
            )

    def _take_out(self, entry: str) -> None:
        # What was purged leaves a gap in the history: what is older than that is not known.
        recent = list(takewhile(lambda record: record.kept, islice(self.records, _RECORDS)))
        self.snapshot = forgetting.forget(self.snapshot, entry, recent)

    def _mend_reach(self, path: str) -> None:
        """Add a row for a topic, where the index has room for it: a fix moves no prose."""
        before, topic = self.snapshot, self.snapshot.document(path)
        self._link(path, upkeep.title(topic), upkeep.tells(topic))
        if self.settings.budget.holds(self.snapshot.text(INDEX)):
            self.messages.append(f"add a row for {path}")
        else:
            self.snapshot = before
            self.notices.append(
                f"{path} stays out of reach: {INDEX} has no room for its row;"
                " `agent-memory compact` makes room"
            )
