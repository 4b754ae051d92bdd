"""Evidence that needs no repository, and which lines speak for which entry."""

from __future__ import annotations

from datetime import date

import pytest

from agent_memory.core import links
from agent_memory.core.snapshot import Snapshot
from agent_memory.core.staleness.evidence import StaleEntry
from agent_memory.core.staleness.facts import Facts, Written
from agent_memory.core.staleness.judge import judge
from agent_memory.core.staleness.past import BORN, GONE, Past

GONE_PAST = Past(["2", "1"], [1, -1], [86400, 0], (), ["src/a.py"], [[1, BORN, 0, GONE]])


def judged(text: str, facts: Facts | None = None) -> list[StaleEntry]:
    snapshot = Snapshot({"MEMORY.md": text.encode()})
    found = links.find_all(snapshot, links.names(snapshot, frozenset()))
    return list(judge(snapshot, facts or Facts(), date(2026, 6, 1), found))


def test_a_broken_link_makes_an_entry_suspect() -> None:
    (one,) = judged("- [Gone](gone.md) is there\n")
    assert (one.verdict, one.evidence[0].kind) == ("suspect", "broken link")


@pytest.mark.parametrize(
    ("day", "verdict"),
    [("2026-05-31", "stale"), ("2026-06-01", "fresh"), ("2026-13-01", "fresh")],
)
def test_an_expiry_holds_through_its_day(day: str, verdict: str) -> None:
    (one,) = judged(f"- Freeze <!-- expires: {day} -->\n")
    assert one.verdict == verdict


def test_a_heading_speaks_for_the_first_entry_below_it() -> None:
    wrote = {"MEMORY.md": {number: Written((1,), "git") for number in range(1, 9)}}
    first, second = judged(
        "# Memory\n\n## `src/a.py`\n\n- one\n- two\n", Facts(past=GONE_PAST, written=wrote)
    )
    assert (first.verdict, first.evidence[0].line) == ("stale", 3)
    assert second.verdict == "fresh"


def test_a_heading_with_nothing_below_it_speaks_for_the_last_entry() -> None:
    wrote = {"MEMORY.md": {number: Written((1,), "git") for number in range(1, 9)}}
    first, second = judged(
        "- one\n- two\n\n## See src/a.py\n", Facts(past=GONE_PAST, written=wrote)
    )
    assert (first.verdict, second.verdict) == ("fresh", "stale")


def test_a_line_that_is_not_committed_speaks_of_what_is_there() -> None:
    wrote = {"MEMORY.md": {1: Written((), "git")}}
    (one,) = judged("- `src/a.py`\n", Facts(past=GONE_PAST, written=wrote))
    assert one.verdict == "fresh"
