"""The rules about what a memory had better not hold: each finds it, and stays quiet."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent_memory.core.checks.finding import Facts, Finding

Found = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("PO001", "- The database was reset yesterday", "yesterday"),
        ("PO001", "- Migrated 3 days ago.", "3 days ago"),
        ("PO002", "- Currently working on the billing refactor", "Currently working"),
        ("PO002", "- WIP: billing", "WIP"),
        ("PO003", "- PR #12 is still open", "PR #12 is still open"),
        ("PO003", "- The fix is not merged yet", "not merged yet"),
        ("PO003", "- Raised in May, awaiting a decision", "awaiting a decision"),
        ("PO004", "- [ ] write the tests", "[ ]"),
        ("PO004", "## Next steps", "Next steps"),
        ("PO004", "# TODO list", "TODO list"),
        ("PO006", "- Celery probably retries twice", "probably"),
        ("PO006", "| retries | not verified |", "not verified"),
        ("PO007", "- It is in `/home/ada/src/shop/settings/base.py`", "/home/ada/src/shop"),
    ],
)
def test_what_does_not_last_is_found_with_its_words(
    code: str, line: str, words: str, found: Found
) -> None:
    (one,) = found(
        f"| a | b |\n|---|---|\n{line}\n" if line[0] == "|" else f"# M\n\n{line}\n", "PO"
    )
    assert (one.code, one.severity, one.line) == (code, "warning", 3)
    assert words in one.message


@pytest.mark.parametrize(
    "text",
    [
        "- The dashboard lists today's orders\n",
        "- A stale read happens when a value might be empty\n",
        "- If a later change seems to need it,\n  ask first\n",
        "- An unrelated agent's WIP was stashed\n",
        '- The comment says "a third one added\n  tomorrow works"\n',
        "- Status is one of pending, in_progress and done\n",
        "- [x] done\n",
        "## Session handling\n\n## Sessions\n\n## May the force be with you\n",
        "## Retries (2026-03-01)\n\n## Steps to take next\n",
        "```\nTODO: this probably breaks tomorrow\n```\n",
        "---\ndescription: what is probably pending\n---\n",
        "- Logs are in `/home/app/logs` and ~/logs\n",
        "- Ask the user before a merge; a branch is named after its ticket\n",
    ],
)
def test_what_lasts_draws_no_finding(text: str, found: Found) -> None:
    assert found(text, "PO") == []


@pytest.mark.parametrize(
    "title",
    [
        "2026-03-01",
        "2026-03-01 (second audit)",
        "March 3rd, 2026",
        "3 March 2026: login",
        "Session 12",
        "Session notes",
        "Log of 01.03.2026",
        "Previous session",
        "Yesterday",
    ],
)
def test_a_heading_of_a_date_or_a_session_is_found(title: str, found: Found) -> None:
    (one,) = found(f"# M\n\n## {title}\n", "PO005")
    assert one.line == 3


def test_one_line_is_one_finding_of_a_rule(found: Found) -> None:
    (one,) = found("- it probably might be yesterday, probably\n", "PO006")
    assert one.message.startswith('"probably", "might" marks')


@pytest.mark.parametrize(
    ("project", "form"), [("shop", "`settings/base.py`"), ("", "`settings/base.py`")]
)
def test_a_personal_path_is_offered_from_the_root_of_the_repository(
    project: str, form: str, found: Found
) -> None:
    text = "- `/home/ada/shop/settings/base.py`\n"
    (one,) = found(text, "PO007", facts=Facts(project=project))
    assert one.hint.endswith(form)


def test_a_longer_path_is_cut_at_the_folder_of_the_project(found: Found) -> None:
    text = "- C:\\Users\\ada\\work\\shop\\a\\b\\c.py\n"
    (one,) = found(text, "PO007", facts=Facts(project="shop"))
    assert one.hint.endswith("`a/b/c.py`")
