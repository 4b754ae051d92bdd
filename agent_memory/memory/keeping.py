"""Keeping a memory true and small: checks, evidence, pruning, compaction, the report."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from agent_memory.memory.looking import Looking
from agent_memory.memory.past import Past

if TYPE_CHECKING:
    from agent_memory.core.archive import Archived
    from agent_memory.core.checks.finding import Finding
    from agent_memory.core.history import Commit
    from agent_memory.core.prune import Proposal
    from agent_memory.core.report.standing import Standing
    from agent_memory.core.staleness.evidence import StaleEntry, Staleness


class Keeping(Looking, Past):
    """The verbs that find what is wrong, and mend it."""

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
            known = self.staleness(root)
            facts = replace(facts, stale=known.entries, untold=known.notices)
        return check(self._scan(), self._budget, *chosen, facts)

    def introduced(self, commit: Commit) -> list[Finding]:
        """The findings that the files have since a commit, and did not have before it."""
        from agent_memory.core.checks import check
        from agent_memory.core.introduced import before, introduced

        now, facts = self._scan(), self._facts(self._project)
        was = before(now, self.record(commit.id))
        rules = self._budget, self._select, self._ignore, facts
        return introduced(check(was, *rules), check(now, *rules))

    def fix(self, findings: Sequence[Finding], source: str = "agent") -> Commit:
        """Mend what can be mended safely: copies, rows of deleted topics, topics out of reach.

        A row whose target is gone is taken out only when our history or git shows that the file
        was deleted; everything else is left to whoever reads the findings.
        """
        deleted = self.deleted(findings)
        return self._do("fix", lambda draft: draft.mend(findings, deleted), source)

    def deleted(self, findings: Sequence[Finding]) -> set[str]:
        """Missing link targets of the index that our history or git shows to have been deleted."""
        from agent_memory.core import upkeep
        from agent_memory.project import git

        if not any(finding.code in upkeep.LOST for finding in findings):
            return set()
        broken = upkeep.broken_targets(self.links())
        known = {path for r in self._storage.history() for path in broken if r.removes(path)}
        return known | git.deleted(self.directory, broken - known)

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
        from agent_memory.core.lines import said
        from agent_memory.core.staleness.stamps import stamped, stamps
        from agent_memory.project import look, settings
        from agent_memory.storage.cache import Cache

        snapshot, records = self._scan(), self._storage.history()
        put: dict[str, set[str]] = {}
        found = look.look(
            self.directory,
            Path(project).absolute() if project is not None else self._project,
            snapshot,
            lambda path: said(snapshot, records, path, put),
            [__version__, *(record.commit.id for record in islice(records, 1))],
            self._outside(),
            today or self._clock().date(),
            Cache(str(settings.cache_home())),
        )
        return replace(found, entries=stamped(found.entries, stamps(self._storage.commits())))

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

    def prunable(self, stale: Sequence[StaleEntry]) -> list[Proposal]:
        """The stale ones of these entries, each with its source, or with why it stays."""
        from agent_memory.core.prune import proposals

        return proposals(self._scan(), self._storage.history(), stale, self._settings().pinned)

    def prune(self, stale: Sequence[StaleEntry], source: str = "agent") -> Commit:
        """Take those of these entries that are stale out of the files, into the archive.

        What is pinned, what the user said and what alone leads to a topic stays, with a notice.
        """
        return self._do("prune", lambda draft: draft.prune(stale), source)

    def archive(self) -> list[Archived]:
        """The entries that were pruned and stand nowhere now, the last one first."""
        from agent_memory.core.archive import archived

        return archived(self._scan(), self._storage.commits())

    def compact(self, steps: Sequence[str] = (), source: str = "agent") -> Commit:
        """Bring the index within its budget and topics within their limit.

        `steps` are `rows`, `sections` and `topics`; none of them: what is needed.

        Raises:
            BudgetError: what is pinned does not fit.
        """
        return self._do("compact", lambda draft: draft.compact(steps), source)

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

    def doctor(self) -> list[Finding]:
        """How the directory, its state and what is around them are; `info` where all is well."""
        from agent_memory import __version__
        from agent_memory.project import doctor

        found = [*self._storage.examine(), *doctor.examine(self.directory, __version__)]
        return sorted(found, key=lambda finding: (finding.code, finding.path))
