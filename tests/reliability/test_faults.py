"""Whatever call fails, the files are old or new, and the next operation puts all in order.

Small here: a few operations, and of the calls every so many. `run.py` takes all of them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from calls import no_exchange
from faults import KINDS, STARTS, hunt
from memories import OPERATIONS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
STEP = {"KILL in a write": 1, "short write": 1, "KILL after": 5, "ENOSPC": 5}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("start", STARTS)
def test_an_operation_is_done_or_not_done_whatever_call_fails(
    kind: str, start: str, tmp_path: Path
) -> None:
    tally = hunt(tmp_path, "edit", kind, start, STEP.get(kind, 23))
    assert tally.problems == []
    assert tally.faults >= 3


@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - {"edit"}))
def test_every_operation_survives_a_kill(operation: str, tmp_path: Path) -> None:
    tally = hunt(tmp_path, operation, "KILL after", step=5)
    assert tally.problems == []
    assert tally.faults >= 2


@pytest.mark.parametrize("kind", ["KILL before", "EIO"])
def test_it_holds_where_files_cannot_be_exchanged(kind: str, tmp_path: Path) -> None:
    tally = hunt(tmp_path, "edit", kind, step=29, hooks=[no_exchange])
    assert tally.problems == []
    assert tally.faults >= 5


@pytest.mark.soak
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_same_holds_for_every_operation(operation: str, tmp_path: Path) -> None:
    for kind in KINDS:
        assert hunt(tmp_path, operation, kind, step=STEP.get(kind, 61)).problems == []
