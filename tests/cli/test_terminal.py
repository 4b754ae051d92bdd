"""On a terminal: colours, boxes, and nothing of a memory's text that a terminal would obey."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_memory import Memory

HOSTILE = (
    "# Index [/nothing]\n\n"
    "- clip \x1b]52;c;aGFja2Vk\x07 end\n"
    "- erase \x1b[2J \x9b31m \x08\x08 end\n"
    "- link [link=https://evil.example]here[/link] [bold]x[/bold] [/nothing] end\n"
    "- bidi \u202eexe.txt\u2066 tag \U000e0041\U000e007f zero\u200bwidth end\n"
    "- carriage\x0c\x1b]0;title\x07 end\n"
    "- old \x1b[2J [/nothing] <!-- expires: 2020-01-01 -->\n"
)
_SGR = re.compile(rb"\x1b\[[0-9;]*m")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\U000e0000-\U000e007f]"
)

Terminal = Callable[..., bytes]


@pytest.fixture
def terminal(terminal: Terminal, project: Path) -> Terminal:
    """The terminal, with a memory that would steer it."""
    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_text(HOSTILE, encoding="utf-8")
    (project / "m/evil [red].md").write_text("# \x1b[31m[/nothing]\n\n- x\n", encoding="utf-8")
    return terminal


@pytest.mark.parametrize(
    "words",
    [
        ["show"],
        ["show", "MEMORY"],
        ["show", "MEMORY", "--raw"],
        ["prompt"],
        ["prompt", "--explain"],
        ["check"],
        ["check", "--format", "github"],
        ["forget", "end"],
        ["compact", "--dry-run"],
        ["stale"],
        ["prune", "--dry-run"],
        ["remember", "clip \u202e clip"],
        ["show", "MEMORY", "--json"],
        ["show", "MEMORY", "--no-color"],
    ],
    ids=" ".join,
)
def test_a_memorys_text_cannot_steer_the_terminal(terminal: Terminal, words: list[str]) -> None:
    sent = terminal(*words, "--dir", "m", AGENT_MEMORY_MAX_LINES="6")
    text = _SGR.sub(b"", sent).decode().replace("\r\n", "\n")
    assert not _FORBIDDEN.findall(text)
    assert "Traceback" not in text


@pytest.mark.parametrize(
    "words",
    [
        ["log"],
        ["log", "--lost"],
        ["log", "--lost", "--json"],
        ["log", "MEMORY", "--lines"],
        ["diff"],
        ["undo"],
        ["restore", "{id}"],
        ["restore", "{id}", "evil \x1b[2J"],
        ["prune", "--list"],
    ],
    ids=" ".join,
)
def test_a_memorys_history_cannot_steer_the_terminal(
    terminal: Terminal, project: Path, words: list[str]
) -> None:
    memory = Memory.open(project / "m", actor="who \x1b[2J[bold]")
    memory.prune(memory.stale())
    memory.forget("carriage")
    wrote = memory.undo().id  # what others wrote is now an entry of ours
    (project / "m/MEMORY.md").write_text(HOSTILE.replace("- carriage", "- tram"), "utf-8")
    given = [word.replace("{id}", wrote) for word in words]
    sent = terminal(*given, "--dir", "m", AGENT_MEMORY_ACTOR="who \x1b[2J[bold]")
    text = _SGR.sub(b"", sent).decode().replace("\r\n", "\n")
    assert text
    assert not _FORBIDDEN.findall(text)
    assert "Traceback" not in text


def test_markup_is_text(terminal: Terminal) -> None:
    flat = " ".join(_SGR.sub(b"", terminal("show", "MEMORY", "--dir", "m")).decode().split())
    assert "[link=https://evil.example]here[/link] [bold]x[/bold] [/nothing]" in flat


def test_a_terminal_gets_colours_and_a_bar(terminal: Terminal) -> None:
    sent = terminal("show", "--dir", "m")
    assert _SGR.search(sent)
    assert "░" in sent.decode()


@pytest.mark.parametrize("how", ["NO_COLOR", "--no-color"])
def test_no_colour_is_sent_where_none_is_wanted(terminal: Terminal, how: str) -> None:
    words = ("show", "--dir", "m")
    sent = terminal(*words, how) if how.startswith("--") else terminal(*words, NO_COLOR="1")
    assert b"\x1b" not in sent
    assert "░" in sent.decode()


@pytest.mark.parametrize(("typed", "left"), [("n\n", True), ("y\n", False)])
def test_before_several_entries_are_forgotten_the_person_is_asked(
    terminal: Terminal, project: Path, typed: str, left: bool
) -> None:
    sent = terminal("forget", "end", "--all", "--dir", "m", typed=typed).decode()
    assert "Forget these 5 entries?" in sent
    assert ("clip" in (project / "m/MEMORY.md").read_text()) == left


@pytest.mark.parametrize(("typed", "left"), [("n\n", True), ("y\n", False)])
def test_before_a_topic_is_removed_the_person_is_asked(
    terminal: Terminal, project: Path, typed: str, left: bool
) -> None:
    (project / "m/old.md").write_text("# Old\n\n- x\n")
    assert "Remove old.md" in terminal("rm", "old", "--dir", "m", typed=typed).decode()
    assert (project / "m/old.md").exists() == left


def test_yes_is_not_asked_for(terminal: Terminal, project: Path) -> None:
    (project / "m/old.md").write_text("# Old\n\n- x\n")
    assert "?" not in terminal("rm", "old", "--yes", "--dir", "m").decode()
    assert not (project / "m/old.md").exists()


def test_a_pipe_gets_the_prompt_byte_for_byte(project: Path) -> None:
    from agent_memory.memory import Memory

    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_text(HOSTILE, encoding="utf-8")
    command = [sys.executable, "-m", "agent_memory", "prompt", "--dir", "m"]
    environ = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    piped = subprocess.run(command, capture_output=True, env=environ, check=True).stdout
    assert piped == Memory.open("m").prompt().encode()


def test_the_raw_text_in_a_pipe_is_the_file(project: Path) -> None:
    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_bytes(b"# \xff\r\n- \x1b x\r")
    command = [sys.executable, "-m", "agent_memory", "show", "MEMORY", "--raw", "--dir", "m"]
    piped = subprocess.run(command, capture_output=True, check=True).stdout
    assert piped == b"# \xff\r\n- \x1b x\r"


def test_colour_is_not_sent_through_a_pipe(project: Path) -> None:
    command = [sys.executable, "-m", "agent_memory", "demo"]
    environ = {**os.environ, "FORCE_COLOR": "1"}
    assert (
        b"\x1b" not in subprocess.run(command, capture_output=True, env=environ, check=True).stdout
    )
