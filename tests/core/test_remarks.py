"""What is remarked on, and what passes in silence."""

import pytest

from agent_memory.core import policy, remarks


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Today we fixed the login", "Today"),
        ("Fixed the login today", "Fixed today"),
        ("The build is broken today", "today"),
        ("The staging database was reset yesterday", "yesterday"),
        ("Ship the release this week", "this week"),
        ("Migrated 3 days ago", "3 days ago"),
        ("Currently working on the billing refactor", "Currently working"),
        ("Billing refactor: in progress", "in progress"),
        ("The billing refactor is in progress.", "in progress"),
        ("WIP: billing", "WIP"),
        ("Continue with the tests next session", "next session"),
        ("TODO: write the tests", "TODO"),
        ("- [ ] write the tests", "[ ]"),
        ("Next steps: tests, docs", "Next steps"),
        ("PR #12 is still open", "PR #12 is still open"),
        ("The branch is not merged yet", "not merged yet"),
    ],
)
def test_the_session_s_state_is_remarked_on(text: str, word: str) -> None:
    (notice,) = remarks.advice(text)
    assert word.split()[-1] in notice
    assert "session" in notice
    policy.screen(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("The cache might be per process", "might"),
        ("Celery probably retries twice", "probably"),
        ("Retries are exponential (not verified)", "not verified"),
        ("I think the API is versioned", "I think"),
        ("The worker seems to leak", "seems to"),
        ("Maybe it is the cache", "Maybe"),
    ],
)
def test_a_guess_is_remarked_on(text: str, word: str) -> None:
    (notice,) = remarks.advice(text)
    assert f'"{word}" reads like a guess' in notice


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Config is in `/home/ada/src/app/settings/base.py`", "settings/base.py"),
        ("Config is in /Users/ada/src/app/settings/base.py.", "settings/base.py"),
        (r"Config is in C:\Users\ada\app\settings\base.py", "settings/base.py"),
    ],
)
def test_a_path_into_somebody_s_home_is_offered_relative_to_the_repository(
    text: str, form: str
) -> None:
    (notice,) = remarks.advice(text)
    assert "one machine only" in notice
    assert form in notice


@pytest.mark.parametrize(
    "text",
    [
        "Always use bun, never npm",
        "Use `date.today()` and not `datetime.now()`",
        "The dashboard lists today's orders and this week's total",
        'Say "I think" less often',
        "A second migration waits while another is in progress",
        "The endpoint returns nothing today",
        "`might` is a modal verb; TODO comments are banned in src/",
        "Issue templates live in .github/; branch names start with the ticket",
        "Logs go to /home/<user>/logs, /home/$USER/logs, ~/logs or /home/app/logs",
        "See https://example.com/home/ada/page and docs/home/ada/x.md",
        "Sessions expire after 3 days; the last weekday is skipped",
        "Tests run against PostgreSQL 16 in Docker",
        "Set it before any import that might need it, not later as one might think",
        "A result is a Maybe, not an Either",
        "The last (in-progress) segment is never read",
    ],
)
def test_lasting_facts_draw_no_remark(text: str) -> None:
    assert remarks.advice(text) == ()


def test_a_remark_is_one_line_fit_for_a_terminal() -> None:
    notices = remarks.advice("I think\nyesterday\n/home/a\u202eb/x /home/ada/\x1b[2J/x probably")
    assert len(notices) == 3
    assert all(notice.isprintable() for notice in notices)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("- Always use bun.", "always use bun"),
        ("* [x] Always   use **bun**", "Always use `bun`"),
        ("## Always use bun", "Always use bun"),
        ("3. Always use\n   bun", "- Always use bun"),
        ("> Always use bun", "Always use\n  bun"),
    ],
)
def test_what_the_instructions_say_already_is_named_with_its_line(line: str, text: str) -> None:
    (notice,) = remarks.repeats(
        text, {"AGENTS.md": "other", "CLAUDE.md": f"# Rules\n\n{line}\n- x\n"}
    )
    assert notice.startswith("already stands in CLAUDE.md:3;")


@pytest.mark.parametrize(
    "text", ["Always use bun 1.3", "Use bun", "", "- ", "Always use bun always"]
)
def test_what_differs_in_a_word_is_no_repetition(text: str) -> None:
    assert remarks.repeats(text, {"CLAUDE.md": "- Always use bun\n\n- \n"}) == ()
