"""Comments in the files that answer for findings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent_memory.core.checks.finding import Finding

Found = Callable[..., list[Finding]]
GUESS = "- It probably retries."


def lines(found: list[Finding]) -> list[int]:
    return [one.line for one in found]


@pytest.mark.parametrize(
    "text",
    [
        f"{GUESS} <!-- agent-memory: ignore PO006 -->\n",
        f"<!-- agent-memory: ignore PO006 -->\n{GUESS}\n",
        f"<!--agent-memory: ignore SE, PO-->\n{GUESS}\n",
        f"<!-- agent-memory: ignore PO001 -->\n<!-- agent-memory: ignore PO006 -->\n{GUESS}\n",
        f"---\nname: x\n---\n{GUESS} <!-- AGENT-MEMORY: IGNORE PO006 DU001 -->\n",
    ],
)
def test_a_comment_on_the_line_or_alone_above_answers_for_it(text: str, found: Found) -> None:
    assert found(text, "PO006") == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"- x <!-- agent-memory: ignore PO006 -->\n{GUESS}\n", 2),
        (f"<!-- agent-memory: ignore PO006 -->\n\n- x\n{GUESS}\n", 4),
        (f"<!-- agent-memory: ignore PO001 -->\n{GUESS}\n", 2),
        (f"{GUESS} `<!-- agent-memory: ignore PO006 -->`\n", 1),
        (f"```\n<!-- agent-memory: ignore PO006 -->\n```\n{GUESS}\n", 4),
    ],
)
def test_a_comment_elsewhere_or_for_another_code_answers_for_nothing(
    text: str, line: int, found: Found
) -> None:
    assert lines(found(text, "PO006")) == [line]


def test_a_comment_above_a_code_fence_answers_for_all_of_it(found: Found) -> None:
    fence = "```\none\n/home/ada/src/x.py\n```\n"
    assert lines(found(fence, "PO007")) == [3]
    assert found(f"<!-- agent-memory: ignore PO007 -->\n{fence}", "PO007") == []


def test_a_finding_about_a_whole_file_is_answered_for_below_its_front_matter(
    found: Found,
) -> None:
    front = "---\nname: lost\n---\n"
    comment = "<!-- agent-memory: ignore LN005 -->\n"
    assert [one.code for one in found({"lost.md": f"{front}- x\n"}, "LN005")] == ["LN005"]
    assert found({"lost.md": f"{front}{comment}- x\n"}, "LN005") == []
    assert found({"lost.md": f"{comment}- x\n"}, "LN005") == []


def test_an_ignore_of_an_unknown_code_is_a_finding(found: Found) -> None:
    text = "- a <!-- agent-memory: ignore PO999, PO006 -->\n- b <!-- agent-memory: ignore -->\n"
    assert [(one.line, one.message) for one in found(text, "PO008")] == [
        (1, "no rule's code begins with PO999"),
        (2, "this comment names no code to ignore"),
    ]
    assert found("- `<!-- agent-memory: ignore NOPE -->` is how\n", "PO008") == []


DAYS = ["2026-02-30", "soon", "", "31.12.2026", "20261231", "2026-12-31 18:00"]


@pytest.mark.parametrize("day", DAYS)
def test_an_expiry_that_names_no_day_is_found(day: str, found: Found) -> None:
    (one,) = found(f"# M\n\n- a fact <!-- expires: {day} -->\n", "PO009")
    assert (one.line, one.severity) == (3, "warning")
    assert f"“{day}”" in one.message


def test_an_expiry_with_its_day_is_none_nor_is_one_in_code(found: Found) -> None:
    text = "- a fact <!-- expires: 2026-12-31 -->\n- say `<!-- expires: soon -->`\n"
    assert found(text, "PO009") == []
