"""`stale` on the screen and as JSON."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def memory(project: Path) -> Path:
    folder = project / ".claude/agent-memory/dev"
    folder.mkdir(parents=True)
    (folder / "MEMORY.md").write_text(
        "# Memory\n\n- Freeze <!-- expires: 2020-01-01 -->\n- See [more](more.md)\n- It holds\n"
    )
    return folder


def test_entries_that_do_not_hold_are_listed_with_their_evidence(cli: Run, memory: Path) -> None:
    done = cli("stale")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("stale    MEMORY.md:3")
    assert "expired: it was to hold until 2020-01-01" in lines[1]
    assert lines[2].startswith("suspect  MEMORY.md:4")
    assert lines[-1] == "1 stale, 1 suspect, 1 fresh"
    assert "cannot tell" in done.stderr
    assert "It holds" not in done.stdout
    assert "It holds" in cli("stale", "--all").stdout


def test_the_document_has_every_entry_and_what_could_not_be_told(cli: Run, memory: Path) -> None:
    said = json.loads(cli("stale", "--json").stdout)
    assert [one["verdict"] for one in said["entries"]] == ["stale", "suspect", "fresh"]
    assert said["entries"][0]["evidence"][0]["kind"] == "expired"
    assert said["notices"]


def test_nothing_stale_is_a_good_end(cli: Run, memory: Path) -> None:
    (memory / "MEMORY.md").write_text("- It holds\n")
    done = cli("stale")
    assert (done.returncode, done.stdout) == (0, "0 stale, 0 suspect, 1 fresh\n")


def test_a_check_of_the_family_says_what_could_not_be_told(cli: Run, memory: Path) -> None:
    (memory / "MEMORY.md").write_text("- It holds\n")
    done = cli("check", "--select", "ST")
    assert done.returncode == 0
    assert "MEMORY.md:1: info ST005: cannot tell what became of paths" in done.stdout


def test_a_secret_of_an_entry_is_not_shown_with_its_verdict(cli: Run, memory: Path) -> None:
    key = "gh" + "p_" + "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ"
    (memory / "MEMORY.md").write_text(f"- Deploy with {key} <!-- expires: 2020-01-01 -->\n")
    for words in (["stale"], ["stale", "--all"], ["report", "--json"], ["forget", f"no {key}"]):
        done = cli(*words)
        assert key not in done.stdout + done.stderr.partition("did you mean")[0], words
        assert "[secret]" in done.stdout + done.stderr, words
