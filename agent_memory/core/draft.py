"""A Draft: every verb over one snapshot, its diff, and the changes that it comes to.

`Memory.remember` is a draft with one call, committed; `edit()`, dry runs and fixes are the same
draft held longer or thrown away. A draft keeps the calls made on it, so that it can be played
again on a fresh snapshot when somebody else wrote in between.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from agent_memory.core import diff as diffs
from agent_memory.core import (
    links,
    lookup,
    outdated,
    paths,
    place,
    rows,
    similar,
    topics,
    twins,
    upkeep,
)  # fmt: skip
from agent_memory.core import rename as renaming
from agent_memory.core import text as texts
from agent_memory.core.document import Document, Entry, entry_id
from agent_memory.core.history import Commit, Judged, Nearest, Plan, Record
from agent_memory.core.overflow import Rules
from agent_memory.core.paths import INDEX
from agent_memory.core.revision import Revision, revision
from agent_memory.core.sheet import ALLOWED, Settings, Sheet, quoted
from agent_memory.core.snapshot import Change, Snapshot
from agent_memory.errors import (
    BudgetError,
    ConflictError,
    PolicyError,
)

if TYPE_CHECKING:
    from agent_memory.core.checks.finding import Finding
    from agent_memory.core.inbox import Waiting
    from agent_memory.core.staleness.evidence import StaleEntry
    from agent_memory.core.undo import Step

STEPS = ("rows", "sections", "topics")
"""The steps of a compaction, in their order."""
P = ParamSpec("P")
R = TypeVar("R")


def _verb(method: Callable[Concatenate[Draft, P], R]) -> Callable[Concatenate[Draft, P], R]:
    """A verb happens whole or not at all, and is noted so that it can be played again."""

    @wraps(method)
    def played(draft: Draft, /, *args: P.args, **kwargs: P.kwargs) -> R:
        said: tuple[list[Any], ...] = (draft.notices, draft.moved, draft.messages, draft.judged)
        before = draft.snapshot
        noted = [len(told) for told in said]
        try:
            result = method(draft, *args, **kwargs)
        except BaseException:
            draft.snapshot = before
            for told, length in zip(said, noted, strict=True):
                del told[length:]
            raise
        draft.calls.append((before, lambda again: method(again, *args, **kwargs)))
        return result

    return played


def _counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"


class Draft(Sheet):
    """Changes to a memory that are not yet written."""

    def __init__(
        self, snapshot: Snapshot, settings: Settings, records: Iterable[Record] = ()
    ) -> None:
        super().__init__(snapshot, settings, records)
        self.base = snapshot
        self.calls: list[tuple[Snapshot, Callable[[Draft], object]]] = []
        self.earlier: Snapshot | None = None  # what a verb found first, when it is played again
        self.entry: str | None = None
        self.nearest: tuple[Nearest, ...] = ()
        self.undoes: str | None = None
        self.judged: list[Judged] = []
        self.discarded = False
        self.commit: Commit | None = None

    # -- the verbs ------------------------------------------------------------------------------

    @_verb
    def remember(self, text: str, topic: str | None = None, section: str | None = None) -> str:
        """Add one entry and return its id; an exact duplicate changes nothing.

        Raises:
            PolicyError: the text must not be saved.
            BudgetError: it cannot fit the index, even with everything else moved out.
            UnsafePathError: `topic` leaves the memory, or collides with another name.
        """
        text, is_new = self._looked_at(text, topic, section)
        if is_new:
            path = self._put(text, topic, section)
            self.messages.append(f"remember {quoted(place.said(text))} in {path}")
        return self.entry or entry_id(place.said(text))

    @_verb
    def quarantine(self, text: str, topic: str | None = None, section: str | None = None) -> str:
        """Let an entry wait in the inbox until it is accepted, and return the id that it has there.

        Raises:
            PolicyError: the text must not be saved.
            UnsafePathError: `topic` leaves the memory, or collides with another name.
        """
        from agent_memory.core import inbox

        text, is_new = self._looked_at(text, topic, section)
        entry, said = entry_id(place.said(text)), quoted(place.said(text))
        path = self._path(topic) if topic else INDEX
        if is_new and inbox.state(self.records, entry) == "waiting":
            self.notices.append(f"nothing to do: it waits in the inbox already, as {entry}")
        elif is_new:
            self.judged.append(Judged("waiting", entry, text, path, 0, section or ""))
            self.messages.append(f"quarantine {said} for {path}")
            self.notices.append(
                f"it waits in the inbox as {entry}: nobody reads it until a person accepts it"
            )
        return entry

    @_verb
    def accept(self, one: Waiting) -> str:
        """Remember what waits in the inbox, and return its id; it is screened once more.

        Raises:
            NotFoundError: it was decided on meanwhile.
            PolicyError: the text must not be saved.
            BudgetError: it cannot fit the index, even with everything else moved out.
        """
        from agent_memory.core import inbox

        inbox.refuse_settled(self.records, one)
        text, is_new = self._looked_at(one.text, one.topic, one.section)
        said = f"{quoted(place.said(text))} of {one.actor}"
        if is_new:
            topic = None if one.topic == INDEX else one.topic
            said += f" into {self._put(text, topic, one.section or None)}"
        self.judged.append(inbox.judged("accepted", one))
        self.messages.append(f"accept {said}")
        return one.id

    @_verb
    def reject(self, one: Waiting) -> None:
        """Drop what waits in the inbox.

        Raises:
            NotFoundError: it was decided on meanwhile.
        """
        from agent_memory.core import inbox

        inbox.refuse_settled(self.records, one)
        self.judged.append(inbox.judged("rejected", one))
        self.messages.append(f"reject {quoted(one.text)} of {one.actor}")

    @_verb
    def update(self, entry: str, text: str) -> str:
        """Give an entry another text, in the same place, and return its new id.

        Raises:
            NotFoundError: no entry has this id.
            PolicyError: the text must not be saved, or would not be one entry there.
            ConflictError: played again, others have changed or removed the entry meanwhile.
        """
        text = place.clean(text)
        if self._has_lost(entry):
            return self._update_by_merge(entry, text)
        old = lookup.entry(self.snapshot, entry)
        self._screen(text, old.text)
        before = self.snapshot
        for path, block in lookup.blocks(self.snapshot, entry):
            document = Document(path, place.replaced(self.snapshot.document(path), block, text))
            self._set(path, document.text)
        self.entry = entry_id(place.said(text) if old.kind == "item" else text)
        self.nearest = similar.nearest(place.said(text), self.snapshot)
        twins = [twin for twin in similar.copies(place.said(text), before) if twin.id != entry]
        self.notices += [f"this also stands at {twin.path}:{twin.line}" for twin in twins]
        self._remark(place.said(text))
        self._guard(before, self.entry)
        self.messages.append(f"update {quoted(old.text)} in {old.path}")
        return self.entry

    @_verb
    def move(self, entry: str, topic: str, section: str | None = None) -> str:
        """Move an entry into a topic, with its pin and other markers; returns its id.

        Raises:
            NotFoundError: no entry has this id.
            UnsafePathError: `topic` leaves the memory, or collides with another name.
        """
        if self.earlier is not None and self._has_lost(entry):
            said = quoted(lookup.entry(self.earlier, entry).text)
            self.notices.append(f"{said} is not moved: others have changed it or taken it out")
            return entry
        old = lookup.entry(self.snapshot, entry)
        (path, block), *_ = lookup.blocks(self.snapshot, entry)
        text = lookup.source(self.snapshot, path, block)
        target = self._path(topic)
        self.entry = entry
        if target == path and (
            section is None or place.title_key(section) == place.title_key(old.section)
        ):
            self.notices.append(f"nothing to do: it already stands at {path}:{old.line}")
            return entry
        before = self.snapshot
        self._take_out(entry)
        self._put(text, None if target == INDEX else topic, section, before)
        self.messages.append(f"move {quoted(old.text)} from {path} to {target}")
        return entry

    @_verb
    def forget(self, query: str) -> None:
        """Take out the entry with this id, or the one that holds this text; copies go with it.

        Raises:
            NotFoundError: nothing matches.
            AmbiguousError: several different entries match; nothing was changed.
        """
        self._forget([lookup.one(self.earlier or self.snapshot, query)])

    @_verb
    def forget_all(self, query: str) -> None:
        """Take out every entry with this id, or that holds this text.

        Raises:
            NotFoundError: nothing matches.
        """
        self._forget(lookup.matching(self.earlier or self.snapshot, query))

    @_verb
    def write(
        self, path: str, text: str, expected: Revision | None = None, base: str | None = None
    ) -> None:
        """Store exactly this text; what a runner would cut of it is said, never changed.

        Args:
            path: the file.
            text: its text.
            expected: the revision of the file that the text was made out of. If others have
                written since, their changes and ours are merged, and an index that was within
                its budget stays there.
            base: the text with that revision, where it may be in no history.

        Raises:
            ConflictError: the file exists and no `expected` is given; or both sides changed the
                same; or nothing is known of the version that was expected.
            PolicyError: a line that is new holds what must not be saved.
            UnsafePathError: `path` leaves the memory, or collides with another name.
        """
        name, before, ours = self._path(path), self.snapshot, texts.encode(text)
        theirs = before.files.get(name)
        if base is not None and expected is None:
            expected = revision(texts.encode(base))
        first = self.earlier is None or name in self.earlier.files
        known = outdated.versions(name, base, self.earlier, self.records)
        try:
            made_of = outdated.source(name, ours, theirs, expected, known, first)
        except ConflictError:  # with which the text would be kept
            self._screen_file(text, theirs, texts.encode(base or ""))
            raise
        self._screen_file(text, made_of, theirs)
        merged = outdated.merged(name, made_of, ours, theirs)
        if merged is not None:
            self._set(name, texts.decode(merged))
        self._tell_of_writing(name, before, is_merged=made_of != theirs)

    def _tell_of_writing(self, name: str, before: Snapshot, *, is_merged: bool) -> None:
        if is_merged and self.snapshot.files == before.files:
            self.notices.append(f"nothing to do: others have written the same to {name}")
            return
        if is_merged:
            self.notices.append(
                f"{name} had changed since it was read: their changes and these are both in it"
            )
        if is_merged and name == INDEX and self.settings.budget.holds(before.text(INDEX)):
            self._guard(before, "")
        self._report_cut(name)
        if name != INDEX and name not in before.files and not self._is_reachable(name):
            self.notices.append(
                f"{name} is linked from nowhere that a runner loads: no agent will see it"
            )
        self.messages.append(f"write {name}")

    @_verb
    def remove(self, path: str) -> None:
        """Remove a topic and the index rows that lead to it; other mentions are named.

        Raises:
            NotFoundError: there is no such topic.
            PolicyError: the index cannot be removed.
            ConflictError: played again, others have written to it meanwhile.
        """
        name = self._path(path)
        if name == INDEX:
            raise PolicyError(
                "the index cannot be removed", "forget what is in it, or write it anew"
            )
        seen = self.earlier.files.get(name) if self.earlier is not None else None
        if name not in self.snapshot.files:
            if seen is None:
                raise lookup.no_topic(self.snapshot, name)
            self.notices.append(f"nothing to do: others have removed {name} already")
            return
        if seen is not None and seen != self.snapshot.files[name]:
            raise ConflictError(
                f"{name} was changed by others since it was to be removed",
                "look at what they wrote, then remove it again",
                base=texts.decode(seen),
                theirs=self.snapshot.text(name),
            )
        for source in sorted(self.snapshot.files.keys() - {name}):
            found = rows.rows_to(self.snapshot, name, source)
            if found:
                self._set(source, place.without(self.snapshot.document(source), found))
        files = dict(self.snapshot.files)
        del files[name]
        self.snapshot = self.snapshot.with_files(files)
        self.notices += lookup.mentions(self.snapshot, name)
        self.messages.append(f"remove {name}")

    @_verb
    def rename(self, old: str, new: str) -> None:
        """Move a topic; every link to it follows, of every kind and in every file.

        Raises:
            NotFoundError: there is no such topic.
            UnsafePathError: the new name leaves the memory, or something has it.
            PolicyError: a link could not follow, or it is the index.
        """
        source = topics.find(self.snapshot, old)
        target = paths.topic_path(new)
        before = self.snapshot
        self.snapshot = renaming.rename(self.snapshot, source, target)
        self.notices += renaming.notices(before, self.snapshot, source, target)
        self._guard(before, "")
        self.messages.append(f"rename {source} to {target}")

    @_verb
    def rename_heading(self, topic: str, old: str, new: str) -> None:
        """Rename a heading; every anchor that leads to it follows.

        Raises:
            NotFoundError: there is no such topic or heading.
            AmbiguousError: the topic has several such headings.
            PolicyError: the new text would not be one heading.
        """
        path = topics.find(self.snapshot, topic)
        before = self.snapshot
        title = place.heading_text(new)
        self._screen(title, old)
        self.snapshot = renaming.rename_heading(self.snapshot, path, old, title)
        self._guard(before, "")
        self.messages.append(f"rename the heading {quoted(old)} in {path}")

    @_verb
    def compact(self, steps: Sequence[str] = ()) -> None:
        """Bring the index within its budget, and topics within their limit.

        Args:
            steps: `rows` shortens index rows of more than 200 characters, `sections` moves what
                the budget does not hold into topics, `topics` splits topics that are too long.
                None of them: what is needed, and rows only where bytes are over budget.

        Raises:
            BudgetError: what is pinned does not fit.
            ValueError: there is no such step.
        """
        budget, chosen = self.settings.budget, steps or STEPS
        if not set(chosen) <= set(STEPS):
            raise ValueError(f"the steps of a compaction are {', '.join(STEPS)}")
        before, rules = self.snapshot, Rules(pinned=self.settings.pinned)
        too_large = texts.size(self.snapshot.text(INDEX)) > budget.bytes
        if "rows" in chosen and (steps or too_large):
            self.snapshot, shortened = upkeep.shorten_rows(self.snapshot, rules)
            self.moved += shortened
        if "sections" in chosen and not budget.holds(self.snapshot.text(INDEX)):
            self._fit(rules)
        if "topics" in chosen:
            self._split_topics()
        if self.snapshot.files == before.files:
            fine = f": {INDEX} and its topics are within their limits"
            self.notices.append("nothing to do" + (f" for {', '.join(steps)}" if steps else fine))
        else:
            self.messages.append(f"compact {', '.join(sorted({m.path for m in self.moved}))}")

    @_verb
    def mend(self, findings: Sequence[Finding], deleted: Collection[str]) -> None:
        """Mend what can be mended safely: copies, rows of deleted topics, topics out of reach.

        Args:
            findings: what `check` found; those that have no safe mend are passed over.
            deleted: paths that history or git shows to have been deleted.
        """
        codes = {finding.code for finding in findings}
        copies = {(finding.path, finding.entry) for finding in findings if finding.code == "DU001"}
        if copies:
            made = twins.without_copies(self.snapshot, copies, self.settings.budget)
            self.snapshot, count = made
            self.messages += [f"take out {count} cop{'y' if count == 1 else 'ies'}"] * bool(count)
        lost = [status for code, status in upkeep.LOST.items() if code in codes]
        gone = upkeep.deleted_rows(self.snapshot, deleted, lost)
        if gone:
            self.messages.append(f"take out {_counted(len(gone))} of deleted topics")
            self.snapshot = upkeep.without_rows(self.snapshot, gone)
        for path in sorted({finding.path for finding in findings if finding.code == "LN005"}):
            if path in self.snapshot.files and not self._is_reachable(path):
                self._mend_reach(path)

    @_verb
    def prune(self, stale: Sequence[StaleEntry]) -> None:
        """Take out those entries that are stale, into the archive.

        What is pinned, what the user said, and what alone leads to a topic stays, with a notice.
        """
        from agent_memory.core import prune

        pinned, was = self.settings.pinned, self.snapshot  # evidence names the lines of before
        for one in prune.proposals(was, self.records, stale, pinned):
            entry = one.stale.entry
            if one.kept:
                where = f"{entry.path}:{entry.line}"
                self.notices.append(f"{quoted(entry.text)} in {where} stays: {one.kept}")
                continue
            self.judged.append(prune.judged("pruned", was, one.stale))
            self._take_out(entry.id)
            self.messages.append(f"prune {quoted(entry.text)} in {entry.path}")

    @_verb
    def bring_back(self, pruned: Sequence[Judged]) -> None:
        """Put pruned entries back by what the archive keeps of each: the files' bytes are gone."""
        for one in pruned:
            if lookup.has(self.snapshot, one.entry):
                continue
            alone = Snapshot({one.path: texts.encode(one.source)})
            found = next(lookup.blocks(alone, one.entry), None)
            text = lookup.source(alone, *found) if found else one.source.strip()
            path = self._put(text, None if one.path == INDEX else one.path, one.section or None)
            self.messages.append(f"restore {quoted(text)} in {path}")

    @_verb
    def verify(self, looked_at: StaleEntry) -> None:
        """Stamp an entry as looked at and still true, with the evidence of this moment.

        Raises:
            NotFoundError: no entry has this id.
        """
        from agent_memory.core import prune

        entry = lookup.entry(self.snapshot, looked_at.entry.id)
        self.judged.append(prune.judged("verified", self.snapshot, looked_at))
        self.messages.append(f"verify {quoted(entry.text)} in {entry.path}")

    @_verb
    def apply(self, step: Callable[[Snapshot, Iterable[Record]], Step]) -> None:
        """Take a step that is made of the files and their history, such as an undo.

        An index that goes back to one within its budget stays there.

        Raises:
            UnsafePathError: a file that comes back collides with another name.
        """
        before = self.snapshot
        made = step(before, self.records)
        for path in sorted(made.snapshot.files.keys() - before.files.keys()):
            self._refuse_twin(path)
        self.snapshot, self.undoes = made.snapshot, made.undoes
        self.judged += made.judged
        reached = links.reachable(before, self.settings.budget) if made.reach else frozenset()
        for path in made.reach:
            was_linked = path in reached or path not in before.files
            if was_linked and path in self.snapshot.files and not self._is_reachable(path):
                self._relink(path, before)
        self.notices += made.notices
        if self.snapshot.files == before.files:
            self.messages += [made.message] if made.judged else []
            return
        self.messages.append(made.message)
        now = self.snapshot.text(INDEX)
        try:
            if now != made.index and self.settings.budget.holds(made.index):
                self._guard(before, "")
                return
        except BudgetError:  # going back must be possible whatever others have put there since
            pass
        if now != before.text(INDEX):
            self._report_cut(INDEX)

    # -- what it comes to -----------------------------------------------------------------------

    def changes(self) -> list[Change]:
        """The changes to the files, ordered by path; none once discarded."""
        return [] if self.discarded else self.base.changes_to(self.snapshot.files)

    def plan(self, operation: str) -> Plan:
        """The changes with their description, for the commit that will make them."""
        allowed = [notice for notice in self.notices if notice.startswith(ALLOWED)]
        return Plan(
            changes=tuple(self.changes()),
            operation=operation,
            message="; ".join([*self.messages, *dict.fromkeys(allowed)]),
            entry=self.entry,
            nearest=self.nearest,
            moved=tuple(self.moved),
            notices=tuple(dict.fromkeys(self.notices)),
            undoes=self.undoes,
            judged=() if self.discarded else tuple(self.judged),
        )

    def diff(self) -> str:
        """The changes as a unified diff, "" where there are none."""
        return diffs.unified(self.changes())

    def discard(self) -> None:
        """Throw the draft away: nothing of it will be written."""
        self.discarded = True

    def replayed(self, snapshot: Snapshot, records: Iterable[Record] = ()) -> Draft:
        """The same calls on another snapshot, merged with what others have changed since."""
        again = Draft(snapshot, self.settings, records)
        again.discarded = self.discarded
        for earlier, call in self.calls:
            again.earlier = earlier
            call(again)
            again.calls.append((earlier, call))
        again.earlier = None
        return again

    def join(self, later: Draft) -> None:
        """Take over what a draft over these files does, as if it had been done here."""
        self.snapshot = later.snapshot
        self.calls += later.calls
        self.messages += later.messages
        self.notices += later.notices
        self.moved += later.moved
        self.judged += later.judged

    # -- how the verbs do it --------------------------------------------------------------------

    def _looked_at(self, text: str, topic: str | None, section: str | None) -> tuple[str, bool]:
        """A new entry's text as it may be saved, and whether it stands nowhere yet."""
        text = place.clean(text)
        self._screen(text)
        self._screen_names(topic, section)
        said = place.said(text)
        self.entry = entry_id(said)
        # A paragraph keeps the checkbox that a list's item is remembered without.
        known = (similar.copies(words, self.snapshot) for words in dict.fromkeys((said, text)))
        twin = next((twin for found in known for twin in found), None)
        if twin is not None:
            self.entry = twin.id
            self.notices.append(f"nothing to do: this already stands at {twin.path}:{twin.line}")
            return text, False
        self.nearest = similar.nearest(said, self.snapshot)
        self._remark(said)
        return text, True

    def _has_lost(self, entry: str) -> bool:
        """Whether an entry is gone that was there when this verb was first called."""
        if self.earlier is None or lookup.has(self.snapshot, entry):
            return False
        return lookup.has(self.earlier, entry)

    def _screen_names(self, topic: str | None, section: str | None) -> None:
        if topic:
            self._screen(topic, "\n".join(self.snapshot.files))
        if section:
            self._screen(section, self.snapshot.text(INDEX), self.snapshot.text(topic or INDEX))

    def _screen_file(self, text: str, *known: bytes | None) -> None:
        if text.strip():
            self._screen(text, *(texts.decode(data) for data in known if data))

    def _update_by_merge(self, entry: str, text: str) -> str:
        """Update an entry where it stood first, and merge the file with what is there now."""
        first = Draft(self.earlier or self.snapshot, self.settings, self.records)
        self.entry = first.update(entry, text)
        files = dict(self.snapshot.files)
        for change in first.changes():
            ours, theirs = change.after or b"", files.get(change.path)
            merged = outdated.merged(change.path, change.before, ours, theirs)
            if merged is not None:
                files[change.path] = merged
        self.snapshot = self.snapshot.with_files(files)
        self.messages += first.messages
        return self.entry

    def _forget(self, found: list[Entry]) -> None:
        for entry in {entry.id: entry for entry in found}.values():
            if self._has_lost(entry.id):
                self.notices.append(f"nothing to do: {quoted(entry.text)} is gone already")
                continue
            places = [path for path, _ in lookup.blocks(self.snapshot, entry.id)]
            self._take_out(entry.id)
            where = ", ".join(dict.fromkeys(places))
            self.messages.append(f"forget {quoted(entry.text)} in {where}")
