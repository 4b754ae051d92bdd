"""What the page tells of the memory as it is now."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from past import Past

from agent_memory.core.budget import Budget
from agent_memory.core.checks.finding import Finding
from agent_memory.core.report import state
from agent_memory.core.report.standing import Standing
from agent_memory.core.staleness.evidence import Staleness

Stood = Callable[..., Standing]


def rows(parts: Iterable[str]) -> list[list[str]]:
    """The cells of a table's rows, without elements."""
    found = re.findall(r'<tr role="row">\s*<td(.*?)</tr>', "\n".join(parts), re.DOTALL)
    return [
        [re.sub("<[^>]*>", "", cell).strip() for cell in re.findall(r">(.*?)</td>", row, re.DOTALL)]
        for row in found
    ]


def test_the_budget_says_what_is_used_and_shows_what_is_cut(full: Standing) -> None:
    parts = list(state.budget(full.budget))
    text = "\n".join(parts)
    assert f"{full.budget.lines} of 4 lines" in text
    assert 'class="past"' in text
    assert [row[0] for row in rows(parts)] == [str(cut.line) for cut in full.budget.cut]
    assert rows(parts)[-1][1:] == ["- [Gone](gone.md)", "lines"]


def test_an_index_within_its_budget_loses_nothing(past: Callable[..., Past], stood: Stood) -> None:
    text = "\n".join(state.budget(stood(past({"MEMORY.md": "- x\n"})).budget))
    assert "Nothing is cut" in text
    assert 'class="past"' not in text


def test_a_very_long_list_of_cut_lines_says_how_many_more(
    past: Callable[..., Past], stood: Stood
) -> None:
    grown = past({"MEMORY.md": "- x\n" * 100})
    parts = list(state.budget(stood(grown, budget=Budget(10)).budget))
    assert len(rows(parts)) == 25
    assert "and 65 more" in parts[-1]


def test_a_topic_says_since_when_it_is_there_and_who_changed_it(full: Standing) -> None:
    table = rows(state.topics(full.topics, full.graph))
    assert table == [
        ["Alone", "alone.md", "3", "no link leads here", "2026-03-01", "2026-03-01", "external"],
        ["Queue", "queue.md", table[1][2], "yes", "2026-03-01", "2026-03-01", "us"],
    ]


def test_findings_come_with_code_place_and_hint_the_gravest_first(full: Standing) -> None:
    table = rows(state.findings(full.findings))
    severities = [row[0] for row in table]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    guess, place = next((row, row[2]) for row in table if row[1] == "PO006")
    assert place in [f"{one.path}:{one.line}" for one in full.findings if one.code == "PO006"]
    assert "probably" in guess[3].lower()
    assert "check it against the project" in guess[3]


def test_findings_past_the_most_are_counted() -> None:
    finding = Finding("BU001", "warning", "MEMORY.md", 0, "large", "")
    parts = list(state.findings([finding] * (state.MOST + 7)))
    assert len(rows(parts)) == state.MOST
    assert "and 7 more" in parts[-1]
    assert rows(parts)[0] == ["warning", "BU001", "MEMORY.md", "large"]


def test_a_stale_entry_names_its_evidence_and_where_the_file_is_now(full: Standing) -> None:
    parts = list(state.staleness(full.staleness))
    ((verdict, place, said),) = rows(parts)
    assert (verdict, place) == ("stale", f"queue.md:{full.staleness.entries[0].entry.line}")
    assert "Jobs are in src/queue.py" in said
    assert "path moved: src/queue.py was renamed in 3f9a01c on 2026-03-02" in said
    assert said.endswith("Now: src/jobs.py")
    assert "the clone at /home/ana/shop is shallow" in parts[0]


def test_what_could_not_be_told_is_said(past: Callable[..., Past], stood: Stood) -> None:
    found = stood(past({"MEMORY.md": "- x\n"})).staleness
    text = "\n".join(state.staleness(found))
    assert "cannot tell what went" in text
    assert "Nothing speaks against 0 entries" in text


def test_entries_that_hold_are_counted_and_not_listed(full: Standing) -> None:
    one = full.staleness.entries[0]
    held = Staleness((replace(one, verdict="fresh", evidence=()),) * 3)
    assert "Nothing speaks against 3 entries" in "\n".join(state.staleness(held))
    assert "nothing speaks against 3" in "\n".join(state.staleness(Staleness((one, *held.entries))))


def test_the_picture_is_that_of_the_links(full: Standing) -> None:
    text = "\n".join(state.links(full.graph))
    assert len(re.findall('<g class="node', text)) == len(full.graph.nodes)
    assert "2 topics" in text
    assert "missing 1" in text
