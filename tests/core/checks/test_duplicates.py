"""What stands twice, and what may contradict: each rule finds it, and stays quiet."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent_memory.core.checks.finding import Facts, Finding

Found = Callable[..., list[Finding]]
RULE = "Migrations run in CI before the tests"


def places(found: list[Finding]) -> list[str]:
    return [f"{one.code} {one.severity} {one.path}:{one.line}" for one in found]


@pytest.mark.parametrize(
    "again",
    [f"- {RULE}.", "* **Migrations** run in CI\n  before  the tests", RULE.upper()],
)
def test_an_entry_that_stands_before_is_an_error(again: str, found: Found) -> None:
    (one,) = found(f"- {RULE}\n\n## Other\n\n{again}\n", "DU")
    assert places([one]) == ["DU001 error MEMORY.md:5"]
    assert "stands at MEMORY.md:1 already" in one.message


def test_the_index_stands_before_its_topics(found: Found) -> None:
    files = {"MEMORY.md": f"- {RULE}\n", "a.md": f"- x\n- {RULE}\n"}
    assert places(found(files, "DU")) == ["DU001 error a.md:2"]


@pytest.mark.parametrize(
    "text",
    [
        "- Use bun\n- x\n- Use bun\n",
        "- The order of the steps is:\n\n## B\n\n- The order of the steps is:\n",
        f"| {RULE} |\n|---|\n| {RULE} |\n| {RULE} |\n",
        f"```\n{RULE}\n```\n\n```\n{RULE}\n```\n",
        f"- {RULE} with `make Test`\n- {RULE} with `make test`\n",
    ],
)
def test_labels_rows_and_code_may_stand_twice(text: str, found: Found) -> None:
    assert found(text, "DU001") == []


@pytest.mark.parametrize(
    "text",
    [
        "## A\n\n- Status: approved with findings\n\n## B\n\n- Status: approved with findings\n",
        "## A\n\n- all inputs are known\n\n## B\n\n- all inputs are known\n",
        "## A\n\n- known=15, active=5, warm=7\n\n## B\n\n- known=15, active=5, warm=7\n",
        "**Adding** a row:\n\n- Returns the `State` again\n\n**Removing**\n\n"
        "- Returns the `State` again\n",
        "**All findings are confirmed:**\n\n- x\n\n**All findings are confirmed:**\n\n- y\n",
    ],
)
def test_what_is_said_of_two_things_is_no_copy(text: str, found: Found) -> None:
    assert found(text, "DU") == []


def test_a_short_statement_under_another_heading_is_a_copy(found: Found) -> None:
    text = "## A\n\n- Always use bun\n\n## B\n\n- Always use bun\n"
    assert places(found(text, "DU")) == ["DU001 error MEMORY.md:7"]


def test_a_link_row_is_no_copy_of_one_in_another_file(found: Found) -> None:
    row = "- [Testing](testing.md) — how the tests are run\n"
    assert found({"MEMORY.md": row, "a.md": row, "testing.md": "x\n"}, "DU") == []
    assert places(found({"MEMORY.md": row + row}, "DU")) == ["DU001 error MEMORY.md:2"]


def test_nearly_the_same_of_the_same_things_is_a_warning(found: Found) -> None:
    text = (
        "- Migrations in `db/migrate` run in CI before all of the tests\n"
        "- In CI the migrations in `db/migrate` are run before the tests\n"
    )
    (one,) = found(text, "DU")
    assert places([one]) == ["DU002 warning MEMORY.md:2"]
    assert "MEMORY.md:1" in one.message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # other anchors
        (
            "Run `make test` before all of the commits",
            "Before commits run `make lint` for all",
        ),
        ("The limit is 200 lines for an index", "For one topic the limit is 400 lines"),
        # one word in place of another: two facts of one form
        ("Sort by `created_at` in the invoice list", "Sort by `created_at` in the refund list"),
        ("The `api` retries on timeouts only", "The `web` retries on timeouts only"),
        # alike in wording, with nothing that they are both about
        ("Ask before a merge into the main branch", "Before a merge into main ask for a branch"),
        # the same of two things, as their labels say
        ("Work items: list, link, unlink (409)", "Subsidies: list, link, unlink (409)"),
        ("`src/web/a.ts` — the default theme", "`src/web/a.ts` — BUG: wrong dark mode"),
        ("`x` is loaded first in production", "Nobody ever thought about `x` while testing that"),
    ],
)
def test_two_facts_of_one_form_are_not_nearly_the_same(one: str, other: str, found: Found) -> None:
    assert found(f"- {one}\n- {other}\n", "DU001", "DU002") == []


def test_what_the_instructions_say_is_named_with_file_and_line(found: Found) -> None:
    said = {
        "CLAUDE.md": "# Rules\n\n- Always use bun, never npm.\n  - Never `push --force`\n",
        "docs/rules.md": "Migrations in `db/migrate` run in CI before all of the tests.\n",
    }
    text = (
        "- always use **bun**, never npm\n"
        "- Never `push --force`\n"
        "- In CI the migrations in `db/migrate` are run before the tests\n"
        "- Always use bun for the web client\n"
    )
    found_ = found(text, "DU003", facts=Facts(instructions=said))
    assert places(found_) == [f"DU003 warning MEMORY.md:{line}" for line in (1, 2, 3)]
    assert [one.message.rpartition(" in ")[2] for one in found_] == [
        "CLAUDE.md:3",
        "CLAUDE.md:4",
        "docs/rules.md:1",
    ]


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ("Never auto-commit without asking", "Auto-commit without asking", "one says not"),
        ("Run `make gen` by hand", "Don't run `make gen` by hand", "one says not"),
        (
            "Commits are squashed before they are merged into `main`",
            "Commits are not squashed before they are merged into `main`",
            "one says not",
        ),
        ("The `celery` timeout is 30 s", "The timeout of `celery` is 60 s", "30 here, 60 there"),
        ("PostgreSQL 16 is the database", "PostgreSQL 17 is the database", "16 here, 17 there"),
        ("Always use npm for packages", "Use `bun` to install packages", "use npm here, bun"),
        ("Indent with tabs", "Always indent with spaces", "indent tabs here, spaces there"),
    ],
)
def test_what_may_contradict_is_shown_to_a_reader(
    one: str, other: str, difference: str, found: Found
) -> None:
    (candidate,) = found(f"- {one}\n- {other}\n", "DU004")
    assert places([candidate]) == ["DU004 info MEMORY.md:2"]
    assert difference in candidate.message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Step 1: run `make build` in the root", "Step 2: run `make build` in the root"),
        ("PR #12 moved the `api` to another host", "PR #14 moved the `api` to another host"),
        ("Audited `core` on 2026-02-01", "Audited `core` on 2026-03-01"),
        ("Use bun, never npm", "Use bun in CI, never yarn"),
        ("Story 4.4: 12 criteria, 13 scenarios", "Story 4.8: 12 criteria, 15 scenarios"),
        ("Block 4095284 is confirmed by all", "Block 4095271 is confirmed by all"),
        ("Use npm in `web/client`", "Use bun in `tools/site`"),
        ("Use pytest for units", "Use ruff for style"),
        ("Tests must not write to `/tmp`", "Uploads are written to `/tmp` by the worker"),
        ("The `api` has 2 replicas and 3 hosts", "The `api` has 4 replicas and 5 hosts"),
        ("Do not use npm instead of bun", "Use bun for all packages"),
    ],
)
def test_what_differs_otherwise_is_no_candidate(one: str, other: str, found: Found) -> None:
    assert found(f"- {one}\n- {other}\n", "DU004") == []


def test_hundreds_of_entries_about_one_thing_are_compared_within_a_bound(found: Found) -> None:
    rows = "".join(f"- The `api` host number {n} is in region {n * 7}\n" for n in range(400))
    assert found(rows, "DU001", "DU002") == []
