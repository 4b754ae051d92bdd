"""`Memory`: the facade that joins the pure core to the disk, a few lines a method."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING

from agent_memory.core import budget as budgets
from agent_memory.core import prompt as prompts
from agent_memory.core.budget import Budget, BudgetReport
from agent_memory.core.paths import INDEX
from agent_memory.core.prompt import Place
from agent_memory.core.scope import Scope
from agent_memory.errors import ConflictError, StorageError
from agent_memory.storage.directory import DirectoryStorage

if TYPE_CHECKING:
    from agent_memory.core.archive import Archived
    from agent_memory.core.checks.finding import Facts, Finding
    from agent_memory.core.conflict import Conflict
    from agent_memory.core.document import Document, Entry
    from agent_memory.core.draft import Draft
    from agent_memory.core.explain import Explanation
    from agent_memory.core.graph import Graph
    from agent_memory.core.history import Author, Commit, Plan, Record
    from agent_memory.core.inbox import Waiting
    from agent_memory.core.lines import LineOrigin
    from agent_memory.core.links import Link
    from agent_memory.core.lost import Lost
    from agent_memory.core.prune import Proposal
    from agent_memory.core.replies import ToolResult
    from agent_memory.core.report.standing import Standing
    from agent_memory.core.search import Hit
    from agent_memory.core.sheet import Settings
    from agent_memory.core.snapshot import Snapshot
    from agent_memory.core.staleness.evidence import StaleEntry, Staleness
    from agent_memory.core.topics import Topic
    from agent_memory.core.undo import Step
    from agent_memory.integrations.session import Session
    from agent_memory.storage.base import Storage

Clock = Callable[[], datetime]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Memory:
    """One agent's memory. Reading takes no lock; each write is one atomic, durable commit.

    Open one with `Memory.open`, `Memory.for_agent` or `Memory.from_definition`.
    """

    def __init__(
        self,
        storage: Storage,
        place: Place,
        *,
        budget: Budget,
        pinned: Iterable[str] = (),
        actor: str = "",
        session: str = "",
        project: Path | None = None,
        topic_lines: int = budgets.TOPIC_LINES,
        clock: Clock = _utc_now,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        quarantine: Iterable[str] = (),
        session_limits: tuple[int, int] = (100, 50_000),
    ) -> None:
        self._storage = storage
        self._place = place
        self._budget = budget
        self._pinned = tuple(pinned)
        self._actor = actor
        self._session = session
        self._project = project
        self._topic_lines = topic_lines
        self._clock = clock
        self._select = tuple(select)
        self._ignore = tuple(ignore)
        self._quarantine = frozenset(source.strip().casefold() for source in quarantine)
        self._session_limits = session_limits
        self._source = ""  # of all that is written, where a session says so

    # -- opening --------------------------------------------------------------------------------

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        budget: Budget | None = None,
        actor: str | None = None,
        clock: Clock | None = None,
        quarantine: Iterable[str] | None = None,
    ) -> Memory:
        """The memory in a directory, which is created at the first write.

        `quarantine` are the sources whose entries wait in the inbox; None: what the settings say.

        Raises:
            DecodeError: the environment or pyproject.toml holds an unusable setting.
        """
        return cls._at(os.path.abspath(path), None, "", None, budget, actor, clock, quarantine)

    @classmethod
    def for_agent(
        cls,
        agent: str,
        *,
        scope: Scope | str = Scope.PROJECT,
        project: str | os.PathLike[str] | None = None,
        budget: Budget | None = None,
        actor: str | None = None,
        clock: Clock | None = None,
        quarantine: Iterable[str] | None = None,
    ) -> Memory:
        """The memory of an agent in one of its scopes; see the table in the README.

        Raises:
            UnsafePathError: the agent's name cannot become a folder.
        """
        from agent_memory.project import scopes, settings

        scope = Scope(scope)
        config = settings.config_home()
        if project is None:
            root = scopes.find_project(Path.cwd(), settings.home(), config).path
        else:
            root = Path(project).absolute()
        base = settings.load(root).base
        directory = scopes.memory_directory(agent, scope, root, config, base)
        return cls._at(str(directory), scope, agent, root, budget, actor, clock, quarantine)

    @classmethod
    def from_definition(
        cls,
        path: str | os.PathLike[str],
        *,
        project: str | os.PathLike[str] | None = None,
        scope: Scope | str | None = None,
        budget: Budget | None = None,
        actor: str | None = None,
        clock: Clock | None = None,
        quarantine: Iterable[str] | None = None,
    ) -> Memory:
        """The memory of the agent that a definition file describes.

        Raises:
            DefinitionError: the file has no usable front matter, or no scope.
        """
        from agent_memory.project.definition import AgentDefinition

        definition = AgentDefinition.read(Path(path))
        chosen = definition.required_scope(Scope(scope) if scope is not None else None)
        return cls.for_agent(
            definition.name, scope=chosen, project=project, budget=budget, actor=actor, clock=clock,
            quarantine=quarantine,
        )  # fmt: skip

    @classmethod
    def _at(
        cls,
        directory: str,
        scope: Scope | None,
        agent: str,
        project: Path | None,
        budget: Budget | None,
        actor: str | None,
        clock: Clock | None,
        quarantine: Iterable[str] | None,
    ) -> Memory:
        from agent_memory.project import settings

        found = settings.load(project or Path(directory))
        kept = found.history_days, found.history_mb * 1_000_000
        return cls(
            DirectoryStorage(directory, clock or _utc_now, *kept),
            Place(directory, scope, agent),
            budget=budget or Budget(found.max_lines, found.max_bytes, found.trim),
            pinned=found.pinned,
            actor=actor or found.actor or agent,
            session=found.session,
            project=project,
            topic_lines=found.topic_lines,
            clock=clock or _utc_now,
            select=found.select,
            ignore=found.ignore,
            quarantine=found.quarantine if quarantine is None else quarantine,
            session_limits=(found.session_entries, found.session_bytes),
        )

    @property
    def directory(self) -> Path:
        """Where the files are."""
        return Path(self._place.directory)

    @property
    def place(self) -> Place:
        """Where the files are, and whose they are."""
        return self._place

    @property
    def limits(self) -> Budget:
        """The budget that this memory is held to."""
        return self._budget

    @property
    def name(self) -> str:
        """The agent's name, else the directory's."""
        return self._place.agent or self.directory.name

    @property
    def actor(self) -> str:
        """Who writes, as the history has it."""
        return self._actor or self._person()

    # -- reading --------------------------------------------------------------------------------

    def prompt(self) -> str:
        """The block for the agent's system prompt; the same files give the same text."""
        return prompts.block(self._place, self._index_text(), self._budget)

    def explain(self) -> Explanation:
        """The prompt with the cost of every part, what is cut, and what cannot be reached."""
        from agent_memory.core.explain import explain

        return explain(self._place, self._scan(), self._budget)

    def budget(self) -> BudgetReport:
        """How the index stands against its budget, with exactly the lines that would be lost."""
        return budgets.report(self._index_text(), self._budget)

    def document(self, path: str) -> Document:
        """One parsed file.

        Raises:
            NotFoundError: there is no such file.
            UnsafePathError: `path` leaves the memory.
        """
        from agent_memory.core.topics import find

        snapshot = self._scan()
        return snapshot.document(find(snapshot, path))

    @property
    def index(self) -> Document:
        """The parsed index; empty where there is none."""
        return self._scan((INDEX,)).index

    def topics(self) -> list[Topic]:
        """Every file but the index, also those that are not read, with the reason."""
        from agent_memory.core.topics import topics

        return topics(self._scan(), self._budget)

    def entries(self) -> list[Entry]:
        """Every entry of the index and the topics, the index first."""
        snapshot = self._scan()
        paths = [INDEX, *snapshot.topics]
        return [entry for path in paths for entry in snapshot.document(path).entries]

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """The entries that hold words of `query`, the best first; words, not meaning."""
        from agent_memory.core.search import search

        return search(self._scan(), query, limit)

    def snapshot(self) -> Snapshot:
        """Every file as it is now, for whoever needs more than one look at the same instant."""
        return self._scan()

    def links(self) -> list[Link]:
        """Every link between the files, the index's first."""
        from agent_memory.core import links

        snapshot = self._scan()
        return links.find_all(snapshot, links.names(snapshot, self._outside()))

    def graph(self) -> Graph:
        """The files and missing targets as nodes, the links between them as edges."""
        from agent_memory.core import links
        from agent_memory.core.graph import graph

        snapshot = self._scan()
        reachable = links.reachable(snapshot, self._budget)
        known = links.names(snapshot, self._outside())
        found = links.find_all(snapshot, known)
        return graph(snapshot, self._budget, found, reachable, self._topic_lines)

    def check(
        self,
        project: str | os.PathLike[str] | None = None,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
    ) -> list[Finding]:
        """What is wrong with the memory, by stable codes; `select` and `ignore` are prefixes.

        A `select` takes the place of the one in pyproject.toml, and looks at what that ignores
        in broader terms; an `ignore` is added to it. `project` is whose instructions are looked
        at, None: the one that the memory was opened with.

        Raises:
            NotFoundError: no rule's code begins so.
        """
        from agent_memory.core.checks import check, is_asked_for

        root = self._project if project is None else Path(project).absolute()
        ignored = [code for code in self._ignore if not any(s.startswith(code) for s in select)]
        chosen = select or self._select, (*ignored, *ignore)
        facts = self._facts(root)
        if is_asked_for("ST", *chosen):
            facts = replace(facts, stale=self.stale(root))
        return check(self._scan(), self._budget, *chosen, facts)

    def introduced(self, commit: Commit) -> list[Finding]:
        """The findings that the files have since a commit, and did not have before it."""
        from agent_memory.core.checks import check
        from agent_memory.core.introduced import before, introduced

        now, facts = self._scan(), self._facts(self._project)
        was = before(now, self.record(commit.id))
        rules = self._budget, self._select, self._ignore, facts
        return introduced(check(was, *rules), check(now, *rules))

    def stale(
        self, project: str | os.PathLike[str] | None = None, today: date | None = None
    ) -> list[StaleEntry]:
        """Every entry with its verdict (fresh, suspect, stale) and the evidence for it.

        What was known when an entry was verified weighs nothing.
        """
        return list(self.staleness(project, today).entries)

    def staleness(
        self, project: str | os.PathLike[str] | None = None, today: date | None = None
    ) -> Staleness:
        """What `stale` returns, with notices of what could not be looked at.

        Args:
            project: the folder that the entries speak of; None: the memory's own project.
            today: the day that expiries are held against; None: the clock's.
        """
        from agent_memory import __version__
        from agent_memory.core.lines import origins
        from agent_memory.core.staleness.stamps import stamped, stamps
        from agent_memory.project import look, settings
        from agent_memory.storage.cache import Cache

        snapshot, records = self._scan(), self._storage.history()
        found = look.look(
            self.directory,
            Path(project).absolute() if project is not None else self._project,
            snapshot,
            lambda path: origins(snapshot, records, path),
            [__version__, *(record.commit.id for record in islice(records, 1))],
            self._outside(),
            today or self._clock().date(),
            Cache(str(settings.cache_home())),
        )
        return replace(found, entries=stamped(found.entries, stamps(self._storage.commits())))

    def prunable(self, stale: Sequence[StaleEntry]) -> list[Proposal]:
        """The stale ones of these entries, each with its source, or with why it stays."""
        from agent_memory.core.prune import proposals

        return proposals(self._scan(), self._storage.history(), stale, self._settings().pinned)

    def archive(self) -> list[Archived]:
        """The entries that were pruned and stand nowhere now, the last one first."""
        from agent_memory.core.archive import archived

        return archived(self._scan(), self._storage.commits())

    def report(
        self, project: str | os.PathLike[str] | None = None, today: date | None = None
    ) -> str:
        """One HTML page, complete in itself, of how the memory stands.

        It holds the memory's entries: who gets the page gets the memory.
        """
        from agent_memory.core.report.page import page

        return page(self.standing(project, today))

    def standing(
        self, project: str | os.PathLike[str] | None = None, today: date | None = None
    ) -> Standing:
        """Everything that `report` tells, as data; the arguments are those of `staleness`."""
        from agent_memory.core.report.standing import Looks, standing

        snapshot, records = self._scan(), list(self._storage.history())
        looks = Looks(
            self.budget(),
            self.check(project),
            self.staleness(project, today),
            self.conflicts(),
            self.graph(),
        )
        return standing(self._place, self.name, snapshot, records, looks, self._clock())

    # -- writing --------------------------------------------------------------------------------

    def remember(
        self,
        text: str,
        topic: str | None = None,
        section: str | None = None,
        source: str = "agent",
        allow_secret: str = "",
    ) -> Commit:
        """Add one entry: to `topic`, to `section` of the index, or where the index keeps notes.

        `allow_secret` is why a secret may be saved all the same; the history keeps the reason.
        Where the source is one of those in quarantine, the entry waits in the inbox.

        Raises:
            PolicyError: the text must not be saved.
            BudgetError: it cannot fit the index.
        """
        if self._is_kept_apart(source):
            return self._do("quarantine", methodcaller("quarantine", text, topic, section), source)
        call = methodcaller("remember", text, topic, section)
        return self._do("remember", call, source, allow_secret)

    def update(
        self, entry_id: str, text: str, source: str = "agent", allow_secret: str = ""
    ) -> Commit:
        """Give an entry another text, in the same place.

        Raises:
            NotFoundError: no entry has this id.
            PolicyError: the text must not be saved.
        """
        call = methodcaller("update", entry_id, text)
        return self._do("update", call, source, allow_secret)

    def move(
        self, entry_id: str, topic: str, section: str | None = None, source: str = "agent"
    ) -> Commit:
        """Move an entry into a topic.

        Raises:
            NotFoundError: no entry has this id.
        """
        return self._do("move", lambda draft: draft.move(entry_id, topic, section), source)

    def forget(self, query: str, source: str = "agent") -> Commit:
        """Take out the entry with this id, or the one that holds this text.

        Raises:
            NotFoundError: nothing matches.
            AmbiguousError: several entries match; nothing was changed.
        """
        return self._do("forget", lambda draft: draft.forget(query), source)

    def forget_all(self, query: str, source: str = "agent") -> Commit:
        """Take out every entry with this id, or that holds this text.

        Raises:
            NotFoundError: nothing matches.
        """
        return self._do("forget", lambda draft: draft.forget_all(query), source)

    def write(
        self,
        path: str,
        text: str,
        expected: str | None = None,
        source: str = "agent",
        base: str | None = None,
        allow_secret: str = "",
    ) -> Commit:
        """Store exactly this text; `expected` is the revision of the file that it was made out of.

        If others have written since, their changes and ours are merged. `base` is the text with
        that revision; it is needed only where no commit has left it.

        Raises:
            ConflictError: the file exists and nothing is expected, or both changed the same; then
                `text` is kept, see `conflicts`.
        """
        call = methodcaller("write", path, text, expected, base)
        return self._do("write", call, source, allow_secret)

    def remove(self, path: str, source: str = "agent") -> Commit:
        """Remove a topic and the index rows that lead to it.

        Raises:
            NotFoundError: there is no such topic.
        """
        return self._do("remove", lambda draft: draft.remove(path), source)

    def rename(self, old: str, new: str, source: str = "agent") -> Commit:
        """Move a topic; every link to it follows, of every kind and in every file.

        Raises:
            NotFoundError: there is no such topic.
            UnsafePathError: something has the new name, or one that some systems take for it.
        """
        return self._do("rename", lambda draft: draft.rename(old, new), source)

    def rename_heading(self, topic: str, old: str, new: str, source: str = "agent") -> Commit:
        """Rename a heading; every anchor that leads to it follows.

        Raises:
            NotFoundError: there is no such topic or heading.
            AmbiguousError: the topic has several such headings.
        """
        return self._do("rename", lambda draft: draft.rename_heading(topic, old, new), source)

    def record_external(
        self, path: str, is_new: bool = False, source: str = "external", session: str = ""
    ) -> Commit:
        """Record now an edit of `path` that this actor made without us, as the next commit would.

        The history calls it `external`. Before the first commit nobody knows how the file was:
        unless it `is_new`, all is recorded as found. Empty where there is nothing to record.
        """
        from agent_memory.core.history import Author

        author = Author(self._actor or self._person(), source, session or self._session)
        return self._storage.record(author, path, is_new)

    def compact(self, steps: Sequence[str] = (), source: str = "agent") -> Commit:
        """Bring the index within its budget and topics within their limit.

        `steps` are `rows`, `sections` and `topics`; none of them: what is needed.

        Raises:
            BudgetError: what is pinned does not fit.
        """
        return self._do("compact", lambda draft: draft.compact(steps), source)

    def fix(self, findings: Sequence[Finding], source: str = "agent") -> Commit:
        """Mend what can be mended safely: copies, rows of deleted topics, topics out of reach.

        A row whose target is gone is taken out only when our history or git shows that the file
        was deleted; everything else is left to whoever reads the findings.
        """
        deleted = self.deleted(findings)
        return self._do("fix", lambda draft: draft.mend(findings, deleted), source)

    def verify(
        self, entry_id: str, project: str | os.PathLike[str] | None = None, source: str = "agent"
    ) -> Commit:
        """Stamp an entry as looked at and still true: what speaks against it now weighs nothing.

        The stamp ends when the text changes, or when something new speaks against it.

        Raises:
            NotFoundError: no entry has this id.
        """
        from agent_memory.core.lookup import entry
        from agent_memory.core.staleness.evidence import StaleEntry
        from agent_memory.core.staleness.stamps import together

        found = together(self.stale(project), entry_id)
        looked_at = found or StaleEntry(entry(self._scan(), entry_id), "fresh")
        return self._do("verify", lambda draft: draft.verify(looked_at), source)

    def prune(self, stale: Sequence[StaleEntry], source: str = "agent") -> Commit:
        """Take those of these entries that are stale out of the files, into the archive.

        What is pinned, what the user said and what alone leads to a topic stays, with a notice.
        """
        return self._do("prune", lambda draft: draft.prune(stale), source)

    def deleted(self, findings: Sequence[Finding]) -> set[str]:
        """Missing link targets of the index that our history or git shows to have been deleted."""
        from agent_memory.core import upkeep
        from agent_memory.project import git

        if not any(finding.code in upkeep.LOST for finding in findings):
            return set()
        broken = upkeep.broken_targets(self.links())
        known = {path for r in self._storage.history() for path in broken if r.removes(path)}
        return known | git.deleted(self.directory, broken - known)

    # -- history --------------------------------------------------------------------------------

    def log(self, limit: int | None = 50, path: str | None = None) -> list[Commit]:
        """The newest commits first, of one file those that changed it under any name it had.

        Raises:
            NotFoundError: there is no such file, and never was one.
        """
        from agent_memory.core.records import trace

        records = self._storage.history()
        if path is None:
            return [record.commit for record in islice(records, limit)]
        from agent_memory.core.restore import named

        name = named(self._scan(), records, path)
        return [record.commit for record, _ in islice(trace(records, name), limit)]

    def record(self, commit_id: str | None = None) -> Record:
        """A commit with its files' bytes before and after it; None: the last commit.

        Raises:
            NotFoundError: there is no such commit, or its bytes are no longer in the history.
            AmbiguousError: several ids begin so.
        """
        from agent_memory.core import records

        return records.kept(records.find(self._storage.history(), commit_id))

    def diff(self, commit_id: str | None = None) -> str:
        """What a commit changed, as a unified diff; None: the last commit.

        Raises:
            NotFoundError: there is no such commit, or its bytes are no longer in the history.
            AmbiguousError: several ids begin so.
        """
        from agent_memory.core import diff

        return diff.unified(diff.changes(self.record(commit_id)))

    def lines(self, path: str) -> list[LineOrigin]:
        """Each line of a file with the commit that wrote it.

        Raises:
            NotFoundError: there is no such file.
        """
        from agent_memory.core.lines import origins
        from agent_memory.core.topics import find

        snapshot = self._scan()
        return list(origins(snapshot, self._storage.history(), find(snapshot, path)))

    def losses(self) -> list[Lost]:
        """Entries of ours that others took out, each with the commit that `restore` takes."""
        from agent_memory.core.lost import lost

        return list(lost(self._scan(), self._storage.history()))

    def lost(self) -> list[Entry]:
        """Entries that our commits wrote and that others took out; `losses` says more of each."""
        return [one.entry for one in self.losses()]

    def undo(
        self, commit_id: str | None = None, source: str = "agent", session: str | None = None
    ) -> Commit:
        """Take a commit back, by merge; None: this actor's last that still stands.

        Twice steps back twice; the id of an undo takes that back. With `session`: all that this
        session did and that still stands, as one commit.

        Raises:
            NotFoundError: there is nothing to undo, or its bytes are no longer in the history.
            AmbiguousError: several ids begin so.
            ConflictError: others have changed the same place since; nothing was changed.
        """
        from agent_memory.core.undo import undo, undo_session

        if session is not None:
            back = partial(undo_session, session=session)
            return self._do("undo", lambda draft: draft.apply(back), source)
        step = partial(undo, actor=self.actor, commit_id=commit_id)
        return self._do("undo", self._going_back(step, commit_id), source)

    def restore(self, commit_id: str, path: str | None = None, source: str = "agent") -> Commit:
        """Bring back, by merge, what a commit wrote and is gone, or what it only took out.

        With `path`: that file, exactly as it stood after the commit. Pruned entries come back
        one by one where a purge has taken the bytes of their file.

        Raises:
            NotFoundError: there is no such commit or file, or the bytes are no longer there.
            AmbiguousError: several ids begin so.
            ConflictError: others have changed the same place since; nothing was changed.
        """
        from agent_memory.core.archive import only_entries, reaching
        from agent_memory.core.restore import restore

        known = reaching(self._storage.history(), self._storage.archive(), commit_id)
        entries = only_entries(known, commit_id) if path is None else ()
        if entries:
            return self._do("restore", lambda draft: draft.bring_back(entries), source)
        step = partial(restore, commit_id=commit_id, path=path)
        return self._do("restore", self._going_back(step, commit_id), source)

    def _going_back(
        self, step: Callable[[Snapshot, Iterable[Record]], Step], commit_id: str | None
    ) -> Callable[[Draft], None]:
        """What applies a step to a draft; its commit may be in the archive only."""
        from agent_memory.core.archive import reaching

        def stepped(snapshot: Snapshot, records: Iterable[Record]) -> Step:
            return step(snapshot, reaching(records, self._storage.archive(), commit_id))

        return lambda draft: draft.apply(stepped)

    def purge(self, text: str, source: str = "agent") -> Commit:
        """Take a text out of the files, the history and all else that is kept, for good.

        Entries that hold it go whole; where it stands elsewhere, it is cut out. What cannot be
        reached, such as git's history, is named in the commit's notices.

        Raises:
            NotFoundError: nothing holds it.
            PolicyError: it is shorter than 4 characters, or a file is named by it.
            StorageError: something still holds it; purge again.
        """
        from agent_memory.core import purge
        from agent_memory.project import git

        commit = self._storage.purge(text, self._author("purge", source))
        missed = purge.unreachable(git.work_tree(self.directory))
        return replace(commit, notices=(*commit.notices, *missed))

    # -- the inbox ------------------------------------------------------------------------------

    def inbox(self) -> list[Waiting]:
        """What waits to be accepted, the oldest first; none of it is in the prompt or the files."""
        from agent_memory.core.inbox import waiting

        return waiting(self._storage.commits())

    def accept(self, waiting_id: str, source: str | None = None) -> Commit:
        """Remember what waits under this id, with its source and session, by who accepts it.

        So `undo` of the session takes it back, too. It is screened once more.

        Raises:
            NotFoundError: nothing waits under this id.
            AmbiguousError: several ids begin so.
            PolicyError: the text must not be saved.
            BudgetError: it cannot fit the index.
        """
        from agent_memory.core import inbox

        one = inbox.find(self.inbox(), waiting_id)
        keeper = copy(self)
        keeper._session = one.session
        return keeper._do("accept", methodcaller("accept", one), source or one.source)

    def reject(self, waiting_id: str, source: str = "agent") -> Commit:
        """Drop what waits under this id; `undo` brings it back to where it waits.

        Raises:
            NotFoundError: nothing waits under this id.
            AmbiguousError: several ids begin so.
        """
        from agent_memory.core import inbox

        one = inbox.find(self.inbox(), waiting_id)
        return self._do("reject", methodcaller("reject", one), source)

    def _is_kept_apart(self, source: str) -> bool:
        return (self._source or source).strip().casefold() in self._quarantine

    # -- conflicts ------------------------------------------------------------------------------

    def conflicts(self) -> list[Conflict]:
        """What could not be written because others had changed the same, the oldest first."""
        return self._storage.conflicts()

    def conflict(self, conflict_id: str) -> Conflict:
        """The conflict with this id, or the only one whose id begins so.

        Raises:
            NotFoundError: there is none.
            AmbiguousError: several ids begin so.
        """
        from agent_memory.core import conflict

        return conflict.find(self.conflicts(), conflict_id)

    def resolve(
        self, conflict_id: str, text: str, source: str = "agent", allow_secret: str = ""
    ) -> Commit:
        """End a conflict with the text that was decided on, merged with what others wrote since.

        A conflict's `theirs` leaves the file as it is.

        Raises:
            NotFoundError: there is no such conflict.
            AmbiguousError: several ids begin so.
            PolicyError: the text must not be saved, or something in it is still to be decided.
            ConflictError: others have changed the same again; a new conflict replaces this one.
        """
        from agent_memory.core.conflict import resolve

        found = self.conflict(conflict_id)
        try:
            call = partial(resolve, conflict=found, text=text)
            commit = self._do("resolve", call, source, allow_secret)
        except ConflictError as error:
            if error.kept and error.kept != found.id:
                self._storage.drop_conflict(found.id)
            raise
        self._storage.drop_conflict(found.id)
        return commit

    # -- care -----------------------------------------------------------------------------------

    def doctor(self) -> list[Finding]:
        """How the directory, its state and what is around them are; `info` where all is well."""
        from agent_memory import __version__
        from agent_memory.project import doctor

        found = [*self._storage.examine(), *doctor.examine(self.directory, __version__)]
        return sorted(found, key=lambda finding: (finding.code, finding.path))

    # -- for agents -----------------------------------------------------------------------------

    def tools(self, source: str = "agent") -> list[Callable[..., str]]:
        """Functions for a model, typed and documented, whose results are texts, errors too.

        `source` is what the history says of what they save: where it comes from.
        """
        from agent_memory.integrations.tools import tools

        return tools(self, source)

    def async_tools(self, source: str = "agent") -> list[Callable[..., Awaitable[str]]]:
        """The same functions for an event loop; each call runs in a thread."""
        from agent_memory.integrations.tools import async_tools

        return async_tools(self, source)

    def handle(self, command: Mapping[str, object], source: str = "agent") -> ToolResult:
        """One command of the memory tool `memory_20250818`, with this memory as `/memories`.

        What goes wrong is a text in the result, never an exception.
        """
        from agent_memory.integrations.memory_tool import Mounts

        return Mounts.of(self).handle(command, source)

    def session(
        self,
        agent: str | None = None,
        session_id: str | None = None,
        source: str = "agent",
        *,
        one_commit: bool = False,
        quarantine: Iterable[str] | None = None,
        limits: tuple[int, int] | None = None,
    ) -> Session:
        """One run of an agent: a prompt, tools whose commits name it, a limit, and a summary.

        Args:
            agent: who writes; None: this memory's own actor.
            session_id: what the history calls the run; None: a new name.
            source: where what it saves comes from, whatever an adapter says.
            one_commit: everything is one commit, made when the block ends without an exception.
            quarantine: the sources whose entries wait in the inbox; None: this memory's own.
            limits: how many entries and bytes it may write; None: what the settings say.
        """
        from agent_memory.integrations.session import Session

        return Session(self, agent, session_id, source, one_commit, quarantine, limits)

    # -- many changes at once -------------------------------------------------------------------

    def change(
        self, operation: str, edit: Callable[[Draft], object], source: str = "agent"
    ) -> Commit:
        """One commit of what `edit` does to a draft of the files as they are under the lock.

        It may be called several times, on fresh drafts: somebody may write meanwhile. The history
        calls the commit `operation`.
        """
        return self._do(operation, edit, source)

    @contextmanager
    def edit(self, source: str = "agent", allow_secret: str = "") -> Iterator[Draft]:
        """A draft with every verb; what it comes to is one commit when the block ends.

        An exception in the block, or `draft.discard()`, leaves the memory as it was. If somebody
        wrote meanwhile, the calls are played again on what is there then. The commit is found
        as `draft.commit` afterwards.
        """
        draft = self._draft(self._scan(), self._storage.history(), allow_secret)
        yield draft
        if not draft.plan("edit").is_empty:
            draft.commit = self._commit("edit", draft.replayed, source)

    def _do(
        self,
        operation: str,
        call: Callable[[Draft], object],
        source: str,
        allow_secret: str = "",
    ) -> Commit:
        def drafted(snapshot: Snapshot, records: Iterable[Record]) -> Draft:
            draft = self._draft(snapshot, records, allow_secret)
            call(draft)
            return draft

        return self._commit(operation, drafted, source)

    def _commit(
        self,
        operation: str,
        drafted: Callable[[Snapshot, Iterable[Record]], Draft],
        source: str,
    ) -> Commit:
        from agent_memory.core import lost

        def edit(snapshot: Snapshot, records: Iterable[Record]) -> Plan:
            try:
                draft = drafted(snapshot, records)
            except ConflictError as error:
                error.operation = operation
                raise
            draft.notices += lost.notices(draft.snapshot, records)
            return draft.plan(operation)

        return self._storage.commit(edit, self._author(operation, source))

    def _author(self, operation: str, source: str) -> Author:
        """Who commits; a source that is kept apart may do nothing but fill the inbox."""
        from agent_memory.core.history import Author

        if self._is_kept_apart(source):
            from agent_memory.core import inbox

            inbox.refuse(operation, self._source or source)
        return Author(self.actor, self._source or source, self._session)

    def _draft(
        self, snapshot: Snapshot, records: Iterable[Record], allow_secret: str = ""
    ) -> Draft:
        from agent_memory.core.draft import Draft

        return Draft(snapshot, replace(self._settings(), allow_secret=allow_secret), records)

    def _settings(self) -> Settings:
        from agent_memory.core import place
        from agent_memory.core.sheet import Settings
        from agent_memory.project.detector import detector
        from agent_memory.project.instructions import instructions

        pinned = frozenset(place.title_key(title) for title in self._pinned)
        said = instructions(self._project) if self._project else {}
        label = f"{self.name} memory"
        return Settings(self._budget, pinned, label, said, self._topic_lines, detect=detector())

    def _facts(self, project: Path | None) -> Facts:
        from agent_memory.core.checks.finding import Facts
        from agent_memory.project.detector import detector
        from agent_memory.project.instructions import instructions

        said = instructions(project) if project else {}
        return Facts(self._outside(), said, project.name if project else "", detector())

    def _outside(self) -> frozenset[str]:
        from agent_memory.project.siblings import siblings

        return siblings(self._place.directory)

    def _person(self) -> str:
        from agent_memory.project.actor import person

        return person()

    def _index_text(self) -> str:
        """The index's text; an index that cannot be read must not look like an empty one."""
        snapshot = self._scan((INDEX,))
        for skipped in snapshot.skipped:
            raise StorageError(
                f"{self._place.directory}/{INDEX} is not read: {skipped.reason}",
                "put a Markdown file that can be read in its place",
            )
        return snapshot.text(INDEX)

    def _scan(self, paths: Iterable[str] | None = None) -> Snapshot:
        return self._storage.scan(paths)

    def __repr__(self) -> str:
        return f"Memory({self._place.directory!r})"


def layered_prompt(memories: Sequence[Memory], budget: Budget | None = None) -> str:
    """One block for several memories, labelled by scope, that share one budget.

    Args:
        memories: in the order in which they are shown; usually user, project, local.
        budget: what they share; the first memory's own where it is None.
    """
    if not memories:
        return ""
    places = [(memory.place, memory._index_text()) for memory in memories]
    return prompts.layered(places, budget or memories[0].limits)
