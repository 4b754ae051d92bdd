"""Every transcript beside this file, played again: what is typed, printed, and left in files.

A transcript is Markdown. `given PATH` blocks are files that are there before, `console` blocks
are commands with what they print (stdout, then stderr, then the exit code unless it is 0), and
`file PATH` blocks are files as they are at that point. With AGENT_MEMORY_TRANSCRIPTS=write in
the environment the transcripts are written anew instead; read the difference before you keep it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
TRANSCRIPTS = sorted(Path(__file__).parent.glob("*.md"))
WRITE = os.environ.get("AGENT_MEMORY_TRANSCRIPTS") == "write"
_BLOCK = re.compile(r"^```(given|console|file)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


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
            body = "".join(f"{line}\n{_answer(line, run, seats)}" for line in typed)
        return f"```{kind}{f' {path}' if path else ''}\n{body}```"

    return _BLOCK.sub(block, text)


def _answer(line: str, run: Run, seats: dict[str, str]) -> str:
    prompt, command, *words = shlex.split(line)
    assert (prompt, command) == ("$", "agent-memory")
    done = run(*words)
    answer = done.stdout + done.stderr
    for folder, name in seats.items():
        answer = answer.replace(folder, name)
    return answer + (f"[exit {done.returncode}]\n" if done.returncode else "")


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
