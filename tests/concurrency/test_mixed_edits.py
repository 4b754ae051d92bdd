"""Edits of all kinds by many at once: what each was told is what stands at the end, once."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest
from crowd import Crew, in_processes, in_tasks, in_threads, outcome, prepare

SOAK = int(os.environ.get("AGENT_MEMORY_SOAK", "1"))  # 25 makes it 8 processes with 200 edits each
WORKERS = 3 if SOAK == 1 else 8
EDITS = 8 * SOAK


def hold(crew: Crew, workers: int) -> None:
    """Every edit that was acknowledged is there exactly once, and nothing else."""
    came = outcome(crew)
    assert came.edits >= workers * crew.edits
    assert (came.missing, came.twice, came.back, came.pages) == ([], [], [], [])
    assert (came.refused, came.wrong) == ([], [])
    assert list(Path(crew.directory, ".agent-memory", "tmp").iterdir()) == []


@pytest.mark.soak
@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_processes_lose_nothing_and_readers_see_whole_commits(method: str, tmp_path: Path) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system cannot {method}")
    prepare(tmp_path / "memory")
    hold(
        in_processes(
            tmp_path / "memory", tmp_path / "told", method=method, workers=WORKERS, edits=EDITS
        ),
        WORKERS,
    )


@pytest.mark.soak
@pytest.mark.parametrize("shared", [True, False], ids=["one memory", "a memory each"])
def test_threads_lose_nothing(
    shared: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    prepare(tmp_path / "memory")
    hold(
        in_threads(
            tmp_path / "memory", tmp_path / "told", workers=WORKERS, edits=EDITS, shared=shared
        ),
        WORKERS,
    )


@pytest.mark.soak
def test_tasks_of_an_event_loop_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    prepare(tmp_path / "memory")
    hold(in_tasks(tmp_path / "memory", tmp_path / "told", workers=WORKERS, edits=EDITS), WORKERS)
