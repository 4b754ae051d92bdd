"""ST: what was true when it was written and is no longer, by the project's history."""

from __future__ import annotations

from collections.abc import Iterator

from agent_memory.core.checks.finding import Place, Subject, rule
from agent_memory.core.staleness.evidence import Evidence


@rule("ST001", "warning")
def path_that_is_gone(subject: Subject) -> Iterator[Place]:
    """A path that lived when its line was written lives nowhere in the repository now.

    What never existed in it, and lines that say themselves that something is gone, are passed
    over. Where git followed a rename, the hint names the place of now.
    """
    for path, found in _found(subject, "path gone"):
        target = found.renamed_to or found.nearest
        hint = f"is it {target} now?" if target else "does the entry still hold without it?"
        yield path, found.line, found.detail, hint


@rule("ST002", "warning")
def entry_that_has_expired(subject: Subject) -> Iterator[Place]:
    """An entry was to hold until a day that has passed: `<!-- expires: 2026-12-31 -->`."""
    for path, found in _found(subject, "expired"):
        yield path, found.line, found.detail, "take it out, or give it another day"


@rule("ST003", "warning")
def name_or_command_that_is_gone(subject: Subject) -> Iterator[Place]:
    """A function, class or command that a file defined when the line was written, and none now."""
    for path, found in _found(subject, "symbol gone", "command gone"):
        yield path, found.line, found.detail, "what took its place?"


@rule("ST004", "info")
def claim_that_may_be_old(subject: Subject) -> Iterator[Place]:
    """A version that was in use and is not now, or an entry about what a newer one is about."""
    for path, found in _found(subject, "version", "superseded"):
        yield path, found.line, found.detail, "read it again; age alone is no fault"


@rule("ST005", "info")
def history_that_cannot_be_told(subject: Subject) -> Iterator[Place]:
    """Part of what this family looks for could not be looked at, so no finding says little.

    There is no git, the clone is shallow or partial, or nobody knows when a line was written.
    """
    for document in subject.documents[:1]:
        for notice in subject.facts.untold:
            yield document.path, 1, notice, ""


def _found(subject: Subject, *kinds: str) -> Iterator[tuple[str, Evidence]]:
    """The evidence of some kinds that weighs anything, with the file that it is about."""
    for one in subject.facts.stale:
        for evidence in one.evidence:
            if evidence.kind in kinds and evidence.weight != "info":
                yield one.entry.path, evidence
