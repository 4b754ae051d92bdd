"""What the tests of several adapters share: a memory, and the examples run where they stand."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_memory import Budget, Memory

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
Played = Callable[[str], Memory]


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    """An empty memory, written to by the planner."""
    return Memory.open(tmp_path / "m", actor="planner", budget=Budget())


@pytest.fixture
def played(tmp_path: Path) -> Played:
    """Runs an example's `main` on a new memory, and gives that back."""

    def play(name: str) -> Memory:
        runpy.run_path(str(EXAMPLES / f"{name}.py"))["main"](tmp_path / "memory")
        return Memory.open(tmp_path / "memory")

    return play
