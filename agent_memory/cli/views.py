"""Results of reading as blocks for people and as JSON documents for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent_memory.cli.blocks import Bar, Block, Exact, Line, Node, Style, Table
from agent_memory.cli.screen import dump, fields
from agent_memory.core import budget as budgets
from agent_memory.core import text as texts
from agent_memory.core.budget import BudgetReport
from agent_memory.core.checks.finding import Finding, Rule
from agent_memory.core.paths import INDEX
from agent_memory.core.prompt import Place
from agent_memory.core.topics import Topic
from agent_memory.storage.scan import scan

if TYPE_CHECKING:
    from agent_memory.core.document import Document
    from agent_memory.core.explain import Explanation
    from agent_memory.core.search import Hit
    from agent_memory.memory import Memory
    from agent_memory.project.find import FoundMemory

SEVERITY: dict[str, Style] = {"error": "error", "warning": "warning", "info": "quiet"}
_SHARING = {
    "project": "shared with the team",
    "user": "for every project of this person",
    "local": "this checkout only",
}


# -- ls -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """A memory in the list: `problem` says why it could not be read, "" where it could."""

    found: FoundMemory
    budget: BudgetReport | None
    topics: int
    skipped: int = 0
    problem: str = ""


def listed(found: FoundMemory, memory: Memory) -> Listed:
    """What the list says of a memory; one that cannot be read does not hide the others."""
    # `Memory.topics` parses every file for its title; a list over many memories must not.
    try:
        snapshot = scan(str(memory.directory))
    except OSError as error:
        return Listed(found, None, 0, problem=str(error))
    report = budgets.report(snapshot.text(INDEX), memory.limits)
    return Listed(found, report, len(snapshot.topics), len(snapshot.skipped))


def listed_json(memory: Listed) -> dict[str, object]:
    """One memory of the list."""
    report = memory.budget
    return {
        "agent": memory.found.agent,
        "scope": str(memory.found.scope),
        "project": memory.found.project,
        "path": str(memory.found.path),
        "shared": memory.found.shared,
        "lines": report.lines if report else 0,
        "bytes": report.bytes if report else 0,
        "over": report.over if report else False,
        "topics": memory.topics,
        "skipped": memory.skipped,
        "problem": memory.problem,
    }


def listing(memories: Sequence[Listed]) -> Iterator[Block]:
    """Every memory as a row."""
    if not memories:
        yield Line("no memories yet")
        yield Line("create one: agent-memory init --agent NAME", "quiet")
        return
    yield Table(
        ("agent", "scope", "sub-project", "lines", "bytes", "topics", "state"),
        tuple(_row(memory) for memory in memories),
        frozenset({"lines", "bytes", "topics"}),
        tuple("error" if _over(memory) or memory.problem else "plain" for memory in memories),
    )


def _row(memory: Listed) -> tuple[str, ...]:
    report, found = memory.budget, memory.found
    sizes = (f"{report.lines:,}", f"{report.bytes:,}") if report else ("?", "?")
    state = memory.problem or ("over budget" if _over(memory) else "ok")
    if memory.skipped:
        state += f", {memory.skipped} not read"
    return (found.agent, found.scope, found.project or "-", *sizes, str(memory.topics), state)


def _over(memory: Listed) -> bool:
    return memory.budget is not None and memory.budget.over


# -- show -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Overview:
    """A whole memory at a glance."""

    place: Place
    budget: BudgetReport
    topics: list[Topic]
    findings: list[Finding]


def overview_json(seen: Overview) -> dict[str, object]:
    """The overview as one document."""
    return {
        "memory": _place_json(seen.place),
        "budget": budget_json(seen.budget),
        "topics": [dump(topic) for topic in seen.topics],
        "findings": [dump(finding) for finding in seen.findings],
    }


def _place_json(place: Place) -> dict[str, object]:
    scope = str(place.scope) if place.scope else None
    return {"directory": place.directory, "scope": scope, "agent": place.agent}


def budget_json(report: BudgetReport) -> dict[str, object]:
    """The report with what it comes to."""
    return {**fields(report), "over": report.over, "loaded_over": report.loaded_over}


def overview(seen: Overview) -> Iterator[Block]:
    """Where it is, how full, which files, and what is wrong."""
    place = seen.place
    yield Line(_heading(place), "title")
    yield Line(place.directory, "quiet")
    yield Line()
    yield from _budget(seen.budget)
    yield Line()
    yield Node(
        INDEX,
        _size(seen.budget.lines, seen.budget.bytes),
        "error" if seen.budget.over else "plain",
        tuple(_node(topic) for topic in seen.topics),
    )
    yield Line()
    yield from findings(seen.findings)


def _heading(place: Place) -> str:
    agent = place.agent or place.directory.rsplit("/", 1)[-1]
    return f"{agent} ({place.scope} scope, {_SHARING[place.scope]})" if place.scope else agent


def _budget(report: BudgetReport) -> Iterator[Block]:
    yield Bar("lines", report.lines, report.budget.lines)
    yield Bar("bytes", report.bytes, report.budget.bytes)
    if (report.loaded_lines, report.loaded_bytes) != (report.lines, report.bytes):
        loaded = _size(report.loaded_lines, report.loaded_bytes)
        yield Line(f"as loaded    {loaded}, without front matter and comments", "quiet")
    if report.over:
        first = report.cut[0]
        yield Line(
            f"{_lost(len(report.cut))} line {first.line}: “{texts.shorten(first.text, 80)}”",
            "error",
        )


def _lost(count: int) -> str:
    return "1 line is lost," if count == 1 else f"{count:,} lines are lost, the first is"


def _node(topic: Topic) -> Node:
    if topic.problem:
        return Node(topic.path, f"not read: {topic.problem} ({topic.bytes:,} bytes)", "warning")
    title = "" if topic.title == topic.path.rsplit(".", 1)[0] else texts.shorten(topic.title, 60)
    details = f"{_size(topic.lines, topic.bytes)}  {title}".rstrip()
    if topic.reachable:
        return Node(topic.path, details)
    return Node(topic.path, f"{details}  [out of reach: no link leads here]", "warning")


def _size(lines: int, size: int) -> str:
    return f"{lines:,} line{'' if lines == 1 else 's'}, {size:,} bytes"


def findings(found: Sequence[Finding]) -> Iterator[Block]:
    """What is wrong, a line each and what to do below it."""
    if not found:
        yield Line("no findings", "good")
    for finding in found:
        where = f"{finding.path}:{finding.line}"
        style = SEVERITY[finding.severity]
        yield Line(f"{where}: {finding.severity} {finding.code}: {finding.message}", style)
        if finding.hint:
            yield Line(f"  {finding.hint}", "quiet")


def rule(rule: Rule) -> Iterator[Block]:
    """What a rule looks for, why, and what `--fix` does about it."""
    yield Line(f"{rule.code} {rule.severity}: {rule.name}", "title")
    yield from (Line(line) for line in rule.explanation.splitlines())
    if rule.fix:
        yield Line(f"--fix {rule.fix}.")


def rule_json(rule: Rule) -> dict[str, object]:
    """The same as one document."""
    names = ("code", "severity", "name", "summary", "explanation", "fix")
    return {name: getattr(rule, name) for name in names}


def examination(found: Sequence[Finding]) -> Iterator[Block]:
    """How things are, a line each; what to do below those that are wrong."""
    for finding in found:
        word = "ok" if finding.severity == "info" else finding.severity
        yield Line(f"{finding.code} {word}: {finding.message}", SEVERITY[finding.severity])
        if finding.hint:
            yield Line(f"  {finding.hint}", "quiet")


def document_json(document: Document, raw: bool) -> dict[str, object]:
    """One file: with its text, or with its entries."""
    head = {
        "path": document.path,
        "title": document.title,
        "description": document.description,
        "revision": document.revision,
    }
    if raw:
        return {**head, "text": document.text}
    return {**head, "entries": [dump(entry) for entry in document.entries]}


def document(document: Document) -> Iterator[Block]:
    """The entries of one file, with what names them."""
    size = _size(len(document.lines), texts.size(document.text))
    yield Line(f"{document.path}  {document.title}".rstrip(), "title")
    yield Line(f"{size}, {len(document.entries)} entries", "quiet")
    if document.description:
        yield Line(document.description, "quiet")
    yield Line()
    if not document.entries:
        return
    yield Table(
        ("id", "line", "pin", "section", "entry"),
        tuple(
            (
                entry.id,
                str(entry.line),
                "pin" if entry.pinned else "",
                texts.shorten(entry.section, 30),
                " ".join(entry.text.split()),
            )
            for entry in document.entries
        ),
        frozenset({"line"}),
    )


# -- search ---------------------------------------------------------------------------------------


def hits_json(found: Sequence[Hit]) -> dict[str, object]:
    """What was found, as one document."""
    return {"hits": [dump(hit) for hit in found]}


def hits(found: Sequence[Hit]) -> Iterator[Block]:
    """What was found, a line each, the best first."""
    if not found:
        yield Line("nothing found")
        return
    yield Table(
        ("id", "where", "score", "entry"),
        tuple(
            (hit.entry.id, f"{hit.entry.path}:{hit.entry.line}", f"{hit.score:.2f}", hit.snippet)
            for hit in found
        ),
        frozenset({"score"}),
    )


# -- prompt --explain -----------------------------------------------------------------------------


def explanation_json(explanation: Explanation) -> dict[str, object]:
    """The explanation with its estimates."""
    costs = [{**fields(cost), "tokens": cost.tokens} for cost in explanation.costs]
    return {
        "text": explanation.text,
        "tokens": explanation.tokens,
        "budget": budget_json(explanation.budget),
        "costs": costs,
        "unreachable": list(explanation.unreachable),
        "skipped": list(explanation.skipped),
    }


def explanation(explanation: Explanation) -> Iterator[Block]:
    """The exact text, then what each part of it costs, then what no agent will see."""
    yield Exact(explanation.text)
    yield Line()
    size = texts.size(explanation.text)
    yield Line(
        f"costs: {_size(texts.count_lines(explanation.text), size)}, about"
        f" {explanation.tokens:,} tokens (an estimate: bytes / 4)",
        "title",
    )
    yield Table(
        ("line", "lines", "bytes", "~tokens", "part", "state", "what"),
        tuple(
            (
                str(cost.line or ""),
                f"{cost.lines:,}",
                f"{cost.bytes:,}",
                f"{cost.tokens:,}",
                cost.kind,
                f"{cost.state}: {cost.reason}" if cost.reason else cost.state,
                cost.title,
            )
            for cost in explanation.costs
        ),
        frozenset({"line", "lines", "bytes", "~tokens"}),
        tuple("plain" if cost.state == "loaded" else "error" for cost in explanation.costs),
    )
    yield Line()
    if explanation.budget.over:
        yield from _budget(explanation.budget)
    for path in explanation.unreachable:
        yield Line(f"out of reach: {path} (no link leads here from what is loaded)", "warning")
    for skipped in explanation.skipped:
        yield Line(f"not read: {skipped}", "warning")
    if not (explanation.budget.over or explanation.unreachable or explanation.skipped):
        yield Line("nothing is cut and everything can be reached", "good")
