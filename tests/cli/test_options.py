"""The options of every command stand anywhere before `--`."""

from __future__ import annotations

import inspect
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_memory.cli.app import agent_memory
from agent_memory.cli.exits import WrongUsageError
from agent_memory.cli.options import NAMES, Options, hoist

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_options_are_taken_out_wherever_they_stand() -> None:
    words = ["--dir", "a", "show", "--json", "topic", "--quiet"]
    assert hoist(words) == (Options(dir="a", json=True, quiet=True), ["show", "topic"])


def test_a_value_may_follow_an_equals_sign() -> None:
    words = ["prompt", "--agent=a=b", "--scope=user", "--scope", "local"]
    assert hoist(words) == (Options(agent="a=b", scope=("user", "local")), ["prompt"])


def test_what_stands_behind_two_dashes_is_left_alone() -> None:
    words = ["remember", "--quiet", "--", "--json", "--dir"]
    assert hoist(words) == (Options(quiet=True), ["remember", "--", "--json", "--dir"])


def test_text_that_holds_an_option_is_text() -> None:
    assert hoist(["remember", "--json is one document"])[1] == [
        "remember",
        "--json is one document",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["--dir"],
        ["--dir="],
        ["--dir", "--json"],
        ["--dir", "a", "--dir", "b"],
        ["--dir", "a", "--definition", "b"],
        ["--agent", "a", "--definition", "b"],
        ["--dir", "a", "--project", "b"],
        ["--scope", "everyone"],
    ],
    ids=" ".join,
)
def test_options_that_make_no_sense_are_refused(words: list[str]) -> None:
    with pytest.raises(WrongUsageError):
        hoist(words)


def test_the_help_declares_exactly_the_options_that_are_hoisted() -> None:
    declared = set(inspect.signature(agent_memory).parameters) - {"ctx", "version"}
    assert declared == set(NAMES)


def test_a_text_that_looks_like_an_option_can_be_remembered(cli: Run, project: Path) -> None:
    assert cli("remember", "--dir", "m", "--", "--json").returncode == 0
    assert "- --json\n" in (project / "m/MEMORY.md").read_text()


def test_every_command_shows_an_example_and_the_options_of_all(cli: Run) -> None:
    from agent_memory.cli.app import COMMANDS

    for name in COMMANDS:
        shown = cli(name, "--help").stdout
        assert f"  agent-memory {name}" in shown
        assert "--definition FILE" in shown


def test_the_help_has_the_panels(cli: Run) -> None:
    shown = cli("--help")
    assert shown.returncode == 0
    panels = ["Look:", "Write:", "Keep:", "History:", "Connect:"]
    assert [line for line in shown.stdout.splitlines() if line in panels] == panels
    assert cli().stdout == shown.stdout


def test_the_version_is_the_packages(cli: Run) -> None:
    from agent_memory import __version__

    assert cli("--version").stdout == f"agent-memory {__version__}\n"


def test_outside_of_a_project_the_command_line_says_so(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    said = cli("prompt", "--agent", "dev").stderr
    assert said == (
        "note: no project here (no .git or .claude at or above it): using"
        f" {tmp_path / 'elsewhere'}\n"
    )
    assert cli("prompt", "--agent", "dev", "--quiet").stderr == ""
    assert cli("prompt", "--agent", "dev", "--scope", "user").stderr == ""


def test_several_scopes_share_one_prompt(cli: Run, project: Path, home: Path) -> None:
    cli("remember", "Short answers.", "--agent", "dev", "--scope", "user")
    cli("remember", "Use bun.", "--agent", "dev")
    shown = cli("prompt", "--agent", "dev", "--scope", "user", "--scope", "project").stdout
    assert shown.index("- Short answers.") < shown.index("- Use bun.")


def test_who_writes_is_the_person_or_who_the_environment_says(
    cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = json.loads(cli("remember", "a", "--agent", "dev", "--json").stdout)
    monkeypatch.setenv("AGENT_MEMORY_ACTOR", "reviewer")
    second = json.loads(cli("remember", "b", "--agent", "dev", "--json", "--source", "ci").stdout)
    assert "@" in first["actor"]
    assert (first["source"], second["actor"], second["source"]) == ("user", "reviewer", "ci")


def test_a_topic_and_a_command_can_be_completed(
    cli: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("remember", "x", "--topic", "celery", "--dir", "m")
    monkeypatch.setenv("_AGENT_MEMORY_COMPLETE", "complete_bash")
    for words, completed in (("--dir m show ce", "celery.md"), ("comp", "compact")):
        monkeypatch.setenv("COMP_WORDS", f"agent-memory {words}")
        monkeypatch.setenv("COMP_CWORD", str(len(words.split())))
        assert cli().stdout.strip() == completed


def test_there_are_few_commands_in_five_panels() -> None:
    from agent_memory.cli.app import COMMANDS, PANELS

    assert len(COMMANDS) <= 30
    assert len(PANELS) == 5
