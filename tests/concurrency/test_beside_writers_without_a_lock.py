"""Beside programs that take no lock nothing of theirs is destroyed, and nothing of ours vanishes.

An overwriter that read before our commit undoes it: then the history names what went.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from crowd import INDEX, Crew, Outcome, in_processes, outcome, prepare, taken_out_by_others

from agent_memory.storage import _fs

SOAK = int(os.environ.get("AGENT_MEMORY_SOAK", "1"))  # 25 makes it 8 processes with 200 edits each
WORKERS = 2 if SOAK == 1 else 8
EDITS = 8 * SOAK


def together(tmp_path: Path, *outsiders: str) -> tuple[Crew, Outcome]:
    """Workers and outsiders in processes of their own, and what came of it."""
    by_git = "check_out" in outsiders or "stash" in outsiders
    if by_git and shutil.which("git") is None:
        pytest.skip("git is not installed")
    prepare(tmp_path / "memory", by_git)
    try:
        _fs.read(str(tmp_path / "memory" / INDEX), alone=True)
    except _fs.UnsupportedError as error:
        pytest.skip(f"it cannot be told here who has a file open: {error.strerror}")
    crew = in_processes(
        tmp_path / "memory", tmp_path / "told", method="spawn", workers=WORKERS, edits=EDITS,
        outsiders=outsiders,
    )  # fmt: skip
    came = outcome(crew)
    assert came.edits >= WORKERS * EDITS
    assert came.theirs
    return crew, came


@pytest.mark.soak
def test_beside_appenders_nothing_is_lost_on_either_side(tmp_path: Path) -> None:
    _, came = together(tmp_path, "append", "append")
    assert (came.theirs_missing, came.theirs_destroyed) == ([], [])
    assert (came.missing, came.twice, came.back, came.pages) == ([], [], [], [])
    assert (came.refused, came.wrong) == ([], [])


@pytest.mark.soak
@pytest.mark.parametrize("way", ["overwrite", "swap", "take_away", "check_out", "stash"])
def test_beside_overwriters_all_is_in_the_files_or_in_the_history(way: str, tmp_path: Path) -> None:
    crew, came = together(tmp_path, way)
    assert came.theirs_destroyed == []
    assert [text for text in came.missing if not taken_out_by_others(crew, text)] == []
    assert (came.pages, came.wrong) == ([], [])
    if SOAK == 1:  # what is lost is searched in the newest commits only
        named = {entry.text for entry in crew.memory("last").lost()}
        assert [text for text in came.missing if text not in named] == []
