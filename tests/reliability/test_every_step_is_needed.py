"""Every proof has its own proof: with one step of the commit left out, its harness goes red.

The harness runs in a process of its own, on real files, twice: with all steps it finds nothing
wrong, and without the one step it does. What each step is for stands in `docs/reliability.md`.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import faults
import meetings
import powercut
import pytest
from beside import Act, in_a_child
from calls import Call, Do, Hook, no_exchange, refuse
from meetings import look_on, meet, wait_for, write_late
from switches import NOTHING, STEPS, Switch

from agent_memory.storage import _fs

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"

Harness = Callable[[Path, Sequence[Hook]], Iterable[str]]


def no_links(call: Call, do: Do) -> Any:
    """A hook: a file system without hard links."""
    return refuse(call, errno.EPERM) if call.name == "link" else do()


def _killed(work: Path, hooks: Sequence[Hook]) -> Iterable[str]:
    return faults.hunt(work, "rename", "KILL after", step=16, hooks=hooks).problems


def _power_cut(work: Path, hooks: Sequence[Hook]) -> Iterable[str]:
    return powercut.hunt(work, "rename", most=24, hooks=hooks).problems


def _waiting_at_a_power_cut(work: Path, hooks: Sequence[Hook]) -> Iterable[str]:
    return powercut.hunt(work, "quarantine", most=8, hooks=hooks).problems


def _replaced_blindly(work: Path, hooks: Sequence[Hook]) -> Iterable[str]:
    hooks = [*hooks, no_exchange, no_links]
    return meet(work, meetings.append, meetings.begins, hooks)


def _met(act: Act, at: Callable[[Call], bool] = meetings.turns, ahead: bool = False) -> Harness:
    return lambda work, hooks: meet(work, act, at, hooks, ahead=ahead)


HARNESSES: dict[str, Harness] = {
    "lock": _met(meetings.write_too),
    "inode check of a new lock": _met(meetings.write_with_a_deleted_lock, ahead=True),
    "inode check before each exchange": _met(meetings.delete_the_lock_and_write),
    "stable read": lambda work, hooks: wait_for(work, meetings.overwrite, meetings.update, hooks),
    "wait for a swap": lambda work, hooks: wait_for(work, meetings.take_away, meetings.save, hooks),
    "last look": _replaced_blindly,
    "compare": _met(meetings.append, meetings.exchanges),
    "late writers": write_late,
    "fsync of file": _power_cut,
    "fsync of directory": _power_cut,
    "fsync of a record without files": _waiting_at_a_power_cut,
    "intent": _killed,
    "recovery": _killed,
    "readers look at the intent": look_on,
}


def first_problem(harness: Harness, work: Path, switch: Switch) -> list[str]:
    """The first thing that a harness finds wrong, with a step left out."""

    def found() -> list[str]:
        work.mkdir()
        with switch.patch():
            return list(islice(harness(work, switch.hooks), 1))

    return in_a_child(found)


@pytest.mark.parametrize("step", STEPS)
def test_without_a_step_its_harness_goes_red(step: str, tmp_path: Path) -> None:
    if step == "late writers" and not leases(tmp_path):
        pytest.skip("it cannot be told here who has a file open")
    assert first_problem(HARNESSES[step], tmp_path / "with", NOTHING) == []
    assert first_problem(HARNESSES[step], tmp_path / "without", STEPS[step]) != []


def leases(folder: Path) -> bool:
    """Whether the system tells that somebody has a file open."""
    probe = folder / "probe"
    probe.touch()
    try:
        _fs.read(str(probe), alone=True)
    except _fs.UnsupportedError:
        return False
    return True


def test_the_table_of_the_document_names_every_step() -> None:
    section = DOCUMENT.read_text("utf-8").split("## Each step is needed")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (?!step \||---)([^|]+?) \|", section, re.MULTILINE)
    assert rows == list(STEPS)
