"""Where a memory's project is."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_memory.project import facts


@pytest.mark.parametrize(
    ("memory", "project"),
    [
        (".claude/agent-memory/dev", "."),
        ("packages/api/.claude/agent-memory/dev", "packages/api"),
        ("memory-bank", "."),
    ],
)
def test_the_project_is_what_the_runners_folder_lies_in(
    tmp_path: Path, memory: str, project: str
) -> None:
    assert facts.project_of(tmp_path / memory) == (tmp_path / project).resolve()
