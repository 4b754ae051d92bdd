"""What `show`, `ls` and `prompt` tell of memories in every condition."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]

DEFINITION = """---
name: dev
memory: project
---

You write code.

# Persistent Agent Memory

You have a persistent agent memory directory at `/somewhere/else/.claude/agent-memory/dev/`.

## MEMORY.md

Your MEMORY.md is currently empty.
"""


def test_a_pasted_block_gives_way_and_is_said(cli: Run, project: Path) -> None:
    (project / "dev.md").write_text(DEFINITION)
    cli("remember", "Use bun.", "--definition", "dev.md")
    done = cli("prompt", "--definition", "dev.md")
    assert done.stdout.startswith("\nYou write code.\n")
    assert "- Use bun." in done.stdout
    assert "/somewhere/else" not in done.stdout
    assert "currently empty" not in done.stdout
    assert done.stderr.startswith("note: dev.md:8: the memory block in lines 8–14, which named")
    assert "/somewhere/else/.claude/agent-memory/dev" in done.stderr


def test_what_is_not_read_or_not_reached_is_shown_with_the_reason(cli: Run, project: Path) -> None:
    memory = project / "m"
    memory.mkdir()
    (memory / "MEMORY.md").write_text("# Index\n")
    (memory / "lost.md").write_text("# Lost\n")
    (memory / "image.png").write_bytes(b"\x89PNG")
    lines = cli("show", "--dir", "m").stdout.splitlines()
    assert "  lost.md  1 line, 7 bytes  Lost  [out of reach: no link leads here]" in lines
    assert any(line.startswith("  image.png  not read: ") for line in lines)
    assert "lost.md:1: warning LN005: " in "\n".join(lines)


def test_front_matter_counts_for_the_file_and_not_for_newer_runners(
    cli: Run, project: Path
) -> None:
    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_text("---\nname: x\n---\n# Index\n")
    shown = cli("show", "--dir", "m").stdout
    assert "lines        4 of 200 (2%)" in shown
    assert "as loaded    1 line, 8 bytes, without front matter and comments" in shown


def test_an_explanation_names_what_is_cut_and_why(cli: Run, project: Path) -> None:
    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_text(
        "# Index\n\n" + "".join(f"- entry {n}\n" for n in range(300))
    )
    (project / "m/lost.md").write_text("# Lost\n")
    shown = cli("prompt", "--explain", "--dir", "m").stdout
    assert shown.startswith(cli("prompt", "--dir", "m").stdout)
    assert "(an estimate: bytes / 4)" in shown
    assert "cut: past line 200" in shown
    assert "102 lines are lost, the first is line 201: “- entry 198”" in shown
    assert "out of reach: lost.md" in shown


def test_an_empty_memory_can_be_looked_at(cli: Run) -> None:
    assert cli("show", "--dir", "nowhere").returncode == 0
    assert "Nothing is saved here yet" in cli("prompt", "--dir", "nowhere").stdout
    assert not os.path.exists("nowhere")


def test_a_text_from_stdin_is_one_entry(cli: Run, project: Path) -> None:
    done = cli("remember", "-", "--dir", "m", stdin=b"first line\nsecond line\n")
    assert done.returncode == 0
    assert "- first line\n  second line\n" in (project / "m/MEMORY.md").read_text()


def test_the_list_counts_what_is_there(cli: Run, project: Path, home: Path) -> None:
    cli("remember", "x", "--agent", "dev", "--scope", "user", "--topic", "a/b")
    api = project / "services/api/.claude/agent-memory-local/dev"
    api.mkdir(parents=True)
    (api / "MEMORY.md").write_text("- x\n" * 201)
    (api / "data.bin").write_bytes(b"\0")
    size = (home / ".claude/agent-memory/dev/MEMORY.md").stat().st_size
    rows = [" ".join(line.split()) for line in cli("ls").stdout.splitlines()[1:]]
    assert rows == [
        "dev local services/api 201 804 0 over budget, 1 not read",
        f"dev user - 5 {size} 1 ok",
    ]


def test_the_doctor_advises_where_something_is_wrong(cli: Run, project: Path) -> None:
    cli("remember", "a fact", "--dir", "m")
    (project / "m/.agent-memory/tmp/left").write_text("x")
    done = cli("doctor", "--dir", "m")
    lines = done.stdout.splitlines()
    at = lines.index("DR005 warning: leftovers: 1 file in tmp/")
    assert (done.returncode, lines[at + 1].startswith("  if nobody is writing")) == (1, True)
    quiet = cli("doctor", "--dir", "m", "--quiet").stdout.splitlines()
    assert quiet == lines[at : at + 2]
    (project / "m/.agent-memory/tmp/left").unlink()
    found = json.loads(cli("doctor", "--dir", "m", "--json").stdout)["findings"]
    assert {finding["severity"] for finding in found} == {"info"}
    assert cli("doctor", "--dir", "m").returncode == 0
