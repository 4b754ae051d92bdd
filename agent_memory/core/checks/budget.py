"""BU: what a runner loads of the index, and what it would lose."""

from __future__ import annotations

from collections.abc import Iterator

from agent_memory.core import budget as budgets
from agent_memory.core import text as texts
from agent_memory.core.checks.finding import Place, Subject, rule
from agent_memory.core.paths import INDEX

_NEARLY = 0.9  # of either limit


@rule("BU001", "error")
def index_over_budget(subject: Subject) -> Iterator[Place]:
    """The index is longer than what a runner loads; everything after the cut is never seen."""
    report = budgets.report(subject.snapshot.text(INDEX), subject.budget)
    if report.over:
        first = report.cut[0]
        yield (
            INDEX,
            first.line,
            f"{_lost(len(report.cut))}: {report.lines} lines and"
            f" {report.bytes:,} bytes, the limit is {subject.budget.lines} lines and"
            f" {subject.budget.bytes:,} bytes (“{texts.shorten(first.text, 60)}”)",
            "`agent-memory compact` moves overflow into topics",
        )


def _lost(count: int) -> str:
    return "no agent sees this line" if count == 1 else f"first of {count} lines that no agent sees"


@rule("BU002", "error")
def line_longer_than_the_budget(subject: Subject) -> Iterator[Place]:
    """One line alone is larger than the byte limit; runners cut whole lines, so all of it goes."""
    for number, line in enumerate(texts.lines(subject.snapshot.text(INDEX)), 1):
        size = texts.size(line)
        if size > subject.budget.bytes:
            yield (
                INDEX,
                number,
                f"this line alone has {size:,} bytes, the limit is {subject.budget.bytes:,}",
                "break it up, or move it into a topic",
            )


@rule("BU003", "warning")
def index_nearly_full(subject: Subject) -> Iterator[Place]:
    """The index is above nine tenths of a limit: one of the next writes will move something."""
    report = budgets.report(subject.snapshot.text(INDEX), subject.budget)
    share = max(report.lines / subject.budget.lines, report.bytes / subject.budget.bytes)
    if not report.over and share > _NEARLY:
        yield (
            INDEX,
            report.lines,
            f"{share:.0%} full: {report.lines} of {subject.budget.lines} lines,"
            f" {report.bytes:,} of {subject.budget.bytes:,} bytes",
            "move what is rarely needed into a topic before overflow chooses for you",
        )
