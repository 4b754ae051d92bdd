"""A memory of which every section has something to say, and one that means harm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from past import START, Past

from agent_memory.core import budget as budgets
from agent_memory.core import checks, links
from agent_memory.core.budget import Budget
from agent_memory.core.conflict import Conflict
from agent_memory.core.graph import graph
from agent_memory.core.prompt import Place
from agent_memory.core.report.standing import Looks, Standing, standing
from agent_memory.core.scope import Scope
from agent_memory.core.staleness.evidence import Evidence, StaleEntry, Staleness

HOSTILE = "</td></style></script><script>alert(1)</script>\"'<img src=x onerror=alert(1)>"
HIDDEN = "a\u202eb\u200bc\U000e0041d\x1b[2Je\udcff"
# Made up, of the shape of an access key; split so that no scanner takes this file for a leak.
SECRET = "AKIA" + "Q3EGRI5V7XKZT2WN"
Stood = Callable[..., Standing]


@pytest.fixture
def stood() -> Stood:
    """How a past stands at the end of its tenth day; nothing is known of staleness by itself."""

    def make(
        past: Past,
        *,
        budget: Budget | None = None,
        stale: Staleness | None = None,
        conflicts: tuple[Conflict, ...] = (),
        name: str = "dev",
        now: datetime = START + timedelta(days=10),
    ) -> Standing:
        limits, snapshot = budget or Budget(), past.snapshot
        found, reachable = links.find_all(snapshot), links.reachable(snapshot, limits)
        looks = Looks(
            budgets.report(snapshot.text("MEMORY.md"), limits),
            checks.check(snapshot, limits),
            stale or Staleness((), ("cannot tell what went: there is no git history here",)),
            conflicts,
            graph(snapshot, limits, found, reachable),
        )
        place = Place("/home/ana/shop/.claude/agent-memory/dev", Scope.PROJECT, "dev")
        return standing(place, name, snapshot, past.records, looks, now)

    return make


@pytest.fixture
def full(past: Callable[..., Past], stood: Stood) -> Standing:
    """Something in every section."""
    grown = past({"MEMORY.md": "# dev\n\n- [Queue](queue.md)\n- Probably slow\n"})
    grown.found()
    grown.remember("Jobs are in `src/queue.py`", "queue")
    grown.remember("Deploys need two people")
    text = grown.text().replace("- Deploys need two people\n", "")
    grown.outside({"MEMORY.md": f"{text}- [Gone](gone.md)\n", "alone.md": "# Alone\n\n- x\n"})
    jobs = grown.snapshot.document("queue.md").entries[0]
    moved = Evidence(
        "path moved", "src/queue.py was renamed in 3f9a01c on 2026-03-02", jobs.line, "stale",
        "src/queue.py", "src/queue.py", renamed_to="src/jobs.py",
    )  # fmt: skip
    stale = Staleness(
        (StaleEntry(jobs, "stale", (moved,)),), ("the clone at /home/ana/shop is shallow",)
    )
    kept = Conflict("c0ffee", datetime(2026, 3, 1, tzinfo=UTC), "queue.md", 3, "ana", "write",
                    "base", "ours", "theirs")  # fmt: skip
    return stood(grown, budget=Budget(4, 25_000), stale=stale, conflicts=(kept,))


@pytest.fixture
def hostile(past: Callable[..., Past], stood: Stood) -> Standing:
    """Markup, hidden characters and a secret wherever a memory can bring them."""
    bad = f"{HOSTILE} {HIDDEN} {SECRET}"
    grown = past({"MEMORY.md": "# dev\n"})
    grown.found()
    grown.outside(
        {
            "MEMORY.md": f"# {bad}\n\n- [{bad}](a.md)\n- [[no\"<b>'&where]]\n- {bad}\n",
            "a.md": f"---\nname: {HOSTILE}\ndescription: {HOSTILE}\n---\n# {bad}\n\n- {bad}\n",
        }
    )
    entry = grown.snapshot.document("a.md").entries[0]
    found = Evidence("path gone", bad, 1, "stale", bad, bad, renamed_to="<i>", nearest=bad)
    stale = Staleness((StaleEntry(entry, "stale", (found,)),), (bad,))
    kept = Conflict(HOSTILE, START, HOSTILE, 3, bad, bad, bad, bad, bad)
    return stood(grown, budget=Budget(2), stale=stale, conflicts=(kept,), name=bad)
