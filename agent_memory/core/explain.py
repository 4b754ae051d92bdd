"""What a prompt costs and leaves out, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agent_memory.core import budget as budgets
from agent_memory.core import links, prompt
from agent_memory.core import text as texts
from agent_memory.core.budget import Budget, BudgetReport
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot

_BYTES_PER_TOKEN = 4  # a rule of thumb for English text; other scripts cost more


@dataclass(frozen=True, slots=True)
class Cost:
    """A part of the prompt: `tokens` is an estimate, bytes divided by four."""

    kind: Literal["guidance", "section", "entry"]
    title: str
    line: int
    lines: int
    bytes: int
    state: Literal["loaded", "partly cut", "cut"]
    reason: str = ""

    @property
    def tokens(self) -> int:
        """Estimated tokens, rounded up."""
        return estimate(self.bytes)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The exact text of a prompt, what each part costs, and what no agent will see."""

    text: str
    budget: BudgetReport
    costs: tuple[Cost, ...]
    unreachable: tuple[str, ...]
    skipped: tuple[str, ...]

    @property
    def tokens(self) -> int:
        """Estimated tokens of the whole text."""
        return estimate(texts.size(self.text))


def estimate(size: int) -> int:
    """The tokens that `size` bytes come to, as an estimate: a quarter, rounded up."""
    return -(-size // _BYTES_PER_TOKEN)


def explain(place: prompt.Place, snapshot: Snapshot, budget: Budget) -> Explanation:
    """The prompt for a memory, taken apart."""
    text = prompt.block(place, snapshot.text(INDEX), budget)
    report = budgets.report(snapshot.text(INDEX), budget)
    loaded = budgets.kept(snapshot.text(INDEX), budget)
    guidance = texts.size(text) - texts.size(loaded)
    costs = [
        Cost(
            "guidance",
            "how to use the memory",
            0,
            texts.count_lines(text) - texts.count_lines(loaded),
            guidance,
            "loaded",
        )
    ]
    reachable = links.reachable(snapshot, budget)
    return Explanation(
        text=text,
        budget=report,
        costs=(*costs, *_costs(snapshot, report)),
        unreachable=tuple(path for path in snapshot.topics if path not in reachable),
        skipped=tuple(f"{skipped.path}: {skipped.reason}" for skipped in snapshot.skipped),
    )


def _costs(snapshot: Snapshot, report: BudgetReport) -> list[Cost]:
    index = snapshot.index
    first_cut = report.cut[0].line if report.cut else len(index.lines) + 1
    parts: list[tuple[Literal["section", "entry"], str, int, int]] = [
        ("section", section.title, section.line, section.end_line) for section in index.sections
    ]
    parts += [
        ("entry", texts.shorten(entry.text, 80), entry.line, entry.end_line)
        for entry in index.entries
    ]
    return [
        _cost(index.lines, kind, title, line, end, first_cut, report)
        for kind, title, line, end in sorted(parts, key=lambda part: (part[2], part[0] == "entry"))
    ]


def _cost(
    lines: list[str],
    kind: Literal["section", "entry"],
    title: str,
    line: int,
    end: int,
    first_cut: int,
    report: BudgetReport,
) -> Cost:
    size = sum(texts.size(text) for text in lines[line - 1 : end])
    if end < first_cut:
        return Cost(kind, title, line, end - line + 1, size, "loaded")
    reason = {
        "lines": f"past line {report.budget.lines}",
        "bytes": f"past {report.budget.bytes:,} bytes",
        "long line": f"after a line of more than {report.budget.bytes:,} bytes",
    }[report.cut[0].reason]
    state: Literal["partly cut", "cut"] = "partly cut" if line < first_cut else "cut"
    return Cost(kind, title, line, end - line + 1, size, state, reason)
