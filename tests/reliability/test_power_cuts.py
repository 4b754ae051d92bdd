"""Wherever the power is cut, no acknowledged commit is lost and no file torn.

Small here: a few operations and a sample of the states. `powercut.py` takes them all. That
it goes red without the syncs is asserted in test_every_step_is_needed.py.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest
from calls import no_exchange
from disk import Disk
from memories import OPERATIONS
from powercut import STARTS, hunt

pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders cannot be synced here")
FEW = 24  # states
SOAK = int(os.environ.get("AGENT_MEMORY_SOAK", "1"))  # 25 takes hundreds of states from each start


@pytest.mark.parametrize("operation", ["remember", "rename", "remove"])
def test_an_operation_survives_a_power_cut(operation: str, tmp_path: Path) -> None:
    tally = hunt(tmp_path, operation, most=FEW)
    assert tally.problems == []
    assert tally.states >= FEW


@pytest.mark.parametrize("start", STARTS)
def test_an_edit_of_several_files_survives_a_power_cut(start: str, tmp_path: Path) -> None:
    tally = hunt(tmp_path, "edit", start, most=FEW)
    assert tally.problems == []
    assert tally.states >= FEW


def test_it_survives_where_files_cannot_be_exchanged(tmp_path: Path) -> None:
    assert hunt(tmp_path, "edit", most=FEW, hooks=[no_exchange]).problems == []


@pytest.mark.soak
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_same_holds_for_every_operation(operation: str, tmp_path: Path) -> None:
    for start in STARTS if SOAK > 1 else STARTS[:1]:
        assert hunt(tmp_path, operation, start, most=8 * SOAK).problems == []


# -- the model of the disk ----------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "other").mkdir()
    return Disk(tmp_path)


def left(disk: Disk, order: str = "names") -> set[tuple[tuple[str, bytes | None], ...]]:
    """Everything that a cut at the end may leave, the empty folder left out."""
    trees = (tree for _, tree in disk.cuts(len(disk.steps), order, Random(1)))
    return {tuple(sorted((p, d) for p, d in tree.items() if p != "other")) for tree in trees}


def test_what_is_not_synced_may_be_there_in_part(disk: Disk, tmp_path: Path) -> None:
    disk.make(f"{tmp_path}/b")
    node = disk.node(f"{tmp_path}/b")
    assert node is not None
    disk.write(node, b"1234")
    old = ("a", b"old")
    torn = {(old, ("b", data)) for data in (b"", b"12", b"\0\0\0\0", b"1234")}
    assert left(disk) == {(old,)} | torn
    disk.sync(0)
    assert left(disk) == torn
    disk.sync(node)
    assert left(disk) == {(old, ("b", b"1234"))}


def test_a_move_is_there_or_not_as_soon_as_one_folder_is_synced(disk: Disk, tmp_path: Path) -> None:
    here, there = (("a", b"old"),), (("other/b", b"old"),)
    disk.move(f"{tmp_path}/a", f"{tmp_path}/other/b")
    assert left(disk) == {here, there}
    disk.sync(disk.node(f"{tmp_path}/other") or 0)
    assert left(disk) == {there}


@pytest.mark.parametrize(("order", "alone"), [("names", True), ("journal", False)])
def test_names_of_one_folder_come_in_order_in_a_journal_only(
    order: str, alone: bool, disk: Disk, tmp_path: Path
) -> None:
    disk.make(f"{tmp_path}/b")
    disk.make(f"{tmp_path}/c")
    assert ((("a", b"old"), ("c", b"")) in left(disk, order)) == alone


def test_an_old_name_is_not_overwritten_before_the_new_one_is_there(
    disk: Disk, tmp_path: Path
) -> None:
    disk.move(f"{tmp_path}/a", f"{tmp_path}/b")
    disk.make(f"{tmp_path}/a")
    assert (("a", b""),) in left(disk, "any")
    assert (("a", b""),) not in left(disk, "names")
