"""What a project tells every agent anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_memory.project.instructions import instructions

if TYPE_CHECKING:
    from pathlib import Path


def test_every_instruction_file_is_read_under_its_path(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / "CLAUDE.md").write_bytes(b"one \xff\n")
    (tmp_path / "AGENTS.md").write_bytes(b"two\n")
    (tmp_path / ".claude/CLAUDE.md").write_bytes(b"three\n")
    (tmp_path / "README.md").write_bytes(b"no\n")
    assert instructions(tmp_path) == {
        "CLAUDE.md": "one \udcff\n",
        "AGENTS.md": "two\n",
        ".claude/CLAUDE.md": "three\n",
    }


def test_what_is_no_file_or_is_too_large_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "CLAUDE.md").mkdir()
    (tmp_path / "AGENTS.md").write_bytes(b"x" * 1_000_001)
    assert instructions(tmp_path) == {}
