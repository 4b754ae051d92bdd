"""What the page tells of the memory's history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from past import Past

from agent_memory.core.report import past as pasts
from agent_memory.core.report.growth import Day
from agent_memory.core.report.standing import RECENT, Standing

Stood = Callable[..., Standing]


def text(parts: object) -> str:
    assert hasattr(parts, "__iter__")
    return "\n".join(parts)


def test_growth_is_drawn_and_told_in_numbers() -> None:
    said = text(pasts.growth([Day(date(2026, 3, 1), 1, 5, 2), Day(date(2026, 3, 4), 3, 9, 1, 4)]))
    assert 'aria-label="entries: 1 on 2026-03-01, 3 on 2026-03-04"' in said
    assert 'aria-label="lines: 5 on 2026-03-01, 9 on 2026-03-04"' in said
    assert said.index(">2026-03-04</td>") < said.index(">2026-03-01</td>")


def test_one_day_is_no_growth() -> None:
    assert "one day only" in text(pasts.growth([Day(date(2026, 3, 1), 1, 5, 2)]))


def test_commits_say_who_did_what_and_from_which_source(full: Standing) -> None:
    said = text(pasts.commits(full.commits, full.all_commits))
    for word in (">us</td>", ">remember</td>", ">agent</td>", ">external</td>", "2026-03-01 09:0"):
        assert word in said
    assert "3 commits in the history" in said
    assert "found" not in said


def test_an_undone_commit_says_so(past: Callable[..., Past], stood: Stood) -> None:
    grown = past({"MEMORY.md": "# dev\n"})
    grown.remember("One")
    grown.undo()
    stands = stood(grown)
    said = text(pasts.commits(stands.commits, stands.all_commits))
    assert said.count(">undone</span>") == 1


def test_old_commits_are_counted(past: Callable[..., Past], stood: Stood) -> None:
    grown = past({"MEMORY.md": "# dev\n"})
    for number in range(RECENT + 2):
        grown.remember(f"Fact {number}", "facts")
    stands = stood(grown)
    assert "and 2 more" in text(pasts.commits(stands.commits, stands.all_commits))


def test_a_lost_entry_is_named_with_the_way_back(full: Standing) -> None:
    said = text(pasts.lost(full.lost))
    assert "Deploys need two people" in said
    assert "agent-memory restore COMMIT" in said


def test_a_loss_that_no_commit_has_recorded_says_so(
    past: Callable[..., Past], stood: Stood
) -> None:
    grown = past({"MEMORY.md": "# dev\n"})
    grown.remember("Deploys need two people")
    grown.outside({"MEMORY.md": "# dev\n"}, recorded=False)
    assert "not recorded yet" in text(pasts.lost(stood(grown).lost))


def test_a_conflict_is_named_with_what_to_do(full: Standing) -> None:
    said = text(pasts.conflicts(full.conflicts))
    assert "c0ffee" in said
    assert "queue.md:3" in said
    assert "agent-memory conflicts resolve" in said
