"""Where a memory's project is."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_memory.core.snapshot import Snapshot
from agent_memory.project import facts


class Nothing:
    """A cache that keeps nothing."""

    def load(self, name: str) -> bytes | None:
        return None

    def save(self, name: str, data: bytes) -> None:
        return None


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
    assert facts._project_of(tmp_path / memory) == (tmp_path / project).resolve()


def test_no_repository_is_no_facts_and_a_notice(tmp_path: Path) -> None:
    found = facts.gather(tmp_path, tmp_path / "away", Snapshot(), lambda path: (), Nothing())
    assert found.facts.past is None
    assert len(found.notices) == 1
