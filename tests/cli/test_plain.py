"""Blocks as plain text: what a memory says never passes for a line of ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_memory.cli.blocks import Block, Exact, Heading, Line, Node, Table
from agent_memory.cli.plain import flat, lines

Run = Callable[..., subprocess.CompletedProcess[str]]
HOSTILE = "one\nerror: two\r\nerror: three\rerror: four"
FLAT = "one error: two error: three error: four"


@pytest.mark.parametrize(
    ("block", "printed"),
    [
        (Line(HOSTILE), [FLAT]),
        (Heading(HOSTILE), ["", FLAT, "=" * len(FLAT)]),
        (Exact("text\n", HOSTILE), [f"--- {FLAT} ---", "text"]),
        (Node(HOSTILE, HOSTILE, children=(Node(HOSTILE),)), [f"{FLAT}  {FLAT}", f"  {FLAT}"]),
        (Table(("a",), ((HOSTILE,),)), ["a", FLAT]),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, list) else None,
)
def test_text_stays_on_the_line_it_belongs_to(block: Block, printed: list[str]) -> None:
    assert list(lines([block])) == printed


def test_flat_text_is_one_line_and_loses_no_word() -> None:
    assert flat(HOSTILE) == FLAT
    assert flat("plain  text") == "plain  text"


@pytest.mark.skipif(sys.platform == "win32", reason="no name holds a line break there")
def test_a_files_name_prints_no_line_of_its_own(cli: Run, project: Path) -> None:
    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_text("# Index\n")
    (project / "m/a\nerror: all is lost.md").write_text("# A\n")
    printed = cli("show", "--dir", "m").stdout
    assert "error: all is lost" in printed
    assert not [line for line in printed.splitlines() if line.lstrip().startswith("error:")]
