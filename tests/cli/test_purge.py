"""`forget --purge`: for good, asked about at a terminal, and honest about what stays."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from agent_memory.cli import screen

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def memory(cli: Run, project: Path) -> Path:
    """A memory that knows a number."""
    cli("remember", "Alice: 555-0199", "--dir", "m")
    cli("remember", "Always use bun", "--dir", "m")
    return project / "m"


def holds(memory: Path) -> bool:
    return any(b"555-0199" in path.read_bytes() for path in memory.rglob("*") if path.is_file())


@pytest.mark.parametrize("words", [("555-0199",), ("-",)])
def test_a_text_goes_from_files_and_history(cli: Run, memory: Path, words: tuple[str, ...]) -> None:
    done = cli("forget", *words, "--purge", "--dir", "m", stdin=b"555-0199\n")
    assert done.returncode == 0
    assert "done: purge a text from MEMORY.md" in done.stdout
    assert "not reached: backups" in done.stdout
    assert "555-0199" not in done.stdout
    assert not holds(memory)
    assert "Always use bun" in (memory / "MEMORY.md").read_text()


def test_what_nothing_holds_is_exit_1_and_what_is_too_short_4(cli: Run, memory: Path) -> None:
    assert cli("forget", "nowhere at all", "--purge", "--dir", "m").returncode == 1
    assert cli("forget", "555", "--purge", "--dir", "m").returncode == 4
    assert cli("forget", "555-0199", "--purge", "--all", "--dir", "m").returncode == 2
    assert holds(memory)


def test_at_a_terminal_it_is_asked_first(
    cli: Run, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(*_: object, **__: object) -> None:
        raise typer.Abort

    monkeypatch.setattr(screen, "asks", lambda: True)
    monkeypatch.setattr(typer, "confirm", no)
    assert cli("forget", "555-0199", "--purge", "--dir", "m").returncode == 130
    assert holds(memory)
