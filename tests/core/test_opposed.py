"""Candidates for a reader; which pairs are some and which are none is tested in checks/."""

from __future__ import annotations

from agent_memory.core import opposed
from agent_memory.core.document import Document


def told(text: str) -> list[tuple[int, int, str]]:
    found = opposed.candidates(Document("a.md", text).entries)
    return [(one.first.line, one.later.line, one.difference) for one in found]


def test_a_pair_is_a_candidate_once() -> None:
    text = "- Use npm for all 3 packages\n- Never use bun for all 3 packages\n- Use bun for all\n"
    assert told(text) == [(1, 3, "use npm here, bun there")]
    both = "- Run `x` 3 times\n- Never run `x` 3 times\n"
    assert told(both) == [(1, 2, "one says not, the other does not")]


def test_entries_in_their_order_are_first_and_later() -> None:
    text = "- The `api` waits 30 s\n\n- x\n\n- The `api` waits 45 s\n- The `api` waits 30 s\n"
    assert told(text) == [(1, 5, "30 here, 45 there"), (5, 6, "45 here, 30 there")]


def test_names_of_two_tools_draw_the_line_themselves() -> None:
    assert told("- Use bun for apps and use npm for tools\n- Use yarn for all\n") == []
