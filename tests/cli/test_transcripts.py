"""Every transcript beside this file, played again: what is typed, printed, and left in files.

A transcript is Markdown. `given PATH` blocks are files that are there before, `console` blocks
are commands with what they print (stdout, then stderr, then the exit code unless it is 0), and
`file PATH` blocks are files as they are at that point. With AGENT_MEMORY_TRANSCRIPTS=write in
the environment the transcripts are written anew instead; read the difference before you keep it.

Commits are called c000000001 and so on here, in their order, those by others e000000001 and what
was found f000000001; they are all made by `you` at half past nine.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_memory import Memory

Run = Callable[..., subprocess.CompletedProcess[str]]
TRANSCRIPTS = sorted(Path(__file__).parent.glob("*.md"))
WRITE = os.environ.get("AGENT_MEMORY_TRANSCRIPTS") == "write"
_BLOCK = re.compile(r"^```(given|console|file)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
_LETTERS = {"external": "e", "found": "f"}


@pytest.fixture(autouse=True)
def _one_moment_one_person(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as here:
        here.setattr("agent_memory.memory.opening.utc_now", lambda: NOW)
        here.setenv("AGENT_MEMORY_ACTOR", "you")
        here.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def played(text: str, run: Run, project: Path) -> str:
    """The transcript with what really happens."""
    seats = {str(project): "<project>", str(project.parent / "home"): "<home>"}

    def block(match: re.Match[str]) -> str:
        kind, path, body = match.groups()
        if kind == "given":
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_text(body, encoding="utf-8")
        elif kind == "file":
            there = (project / path).exists()
            body = (project / path).read_text(encoding="utf-8") if there else "(no such file)\n"
        else:
            typed = [line for line in body.splitlines() if line.startswith("$ ")]
            body = "".join(f"{line}\n{_answer(line, run, seats, project)}" for line in typed)
        return f"```{kind}{f' {path}' if path else ''}\n{body}```"

    return _BLOCK.sub(block, text)


def _answer(line: str, run: Run, seats: dict[str, str], project: Path) -> str:
    prompt, command, *words = shlex.split(line)
    assert (prompt, command) == ("$", "agent-memory")
    known = {name: commit_id for commit_id, name in _names(project).items()}
    done = run(*(known.get(word, word) for word in words))
    answer = done.stdout + done.stderr
    for folder, name in {**seats, **_names(project)}.items():
        answer = answer.replace(folder, name)
    return answer + (f"[exit {done.returncode}]\n" if done.returncode else "")


def _names(project: Path) -> dict[str, str]:
    """By a commit's id, what it is called in a transcript: ids are drawn at random."""
    names: dict[str, str] = {}
    for state in sorted(project.rglob(".agent-memory")):
        for commit in reversed(Memory.open(state.parent).log(limit=None)):
            letter = _LETTERS.get(commit.operation, "c")
            number = 1 + sum(name.startswith(letter) for name in names.values())
            names[commit.id] = f"{letter}{number:09d}"
    return names


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: str(path.stem))
def test_what_is_typed_prints_and_leaves_what_the_transcript_says(
    path: Path, cli: Run, project: Path
) -> None:
    written = path.read_text(encoding="utf-8")
    happened = played(written, cli, project)
    if WRITE:
        path.write_text(happened, encoding="utf-8")
    assert happened == written


def test_the_first_steps_are_the_same_in_processes_of_their_own(
    process: Run, project: Path
) -> None:
    written = Path(__file__).with_name("first-steps.md").read_text(encoding="utf-8")
    assert played(written, process, project) == written
