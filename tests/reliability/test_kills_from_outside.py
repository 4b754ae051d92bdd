"""Killed by another program at any call, an operation is done or not done.

Small here: every so many calls of one operation, from each start. `strace_kills.py` has the rest.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from faults import STARTS
from strace_kills import kill, obstacle


@pytest.mark.soak
@pytest.mark.parametrize("start", STARTS)
def test_an_operation_is_done_or_not_done_wherever_it_is_killed(start: str, tmp_path: Path) -> None:
    if reason := obstacle(tmp_path):
        pytest.skip(reason)
    tally = kill(tmp_path, ("edit", start), every=101)
    assert tally.problems == []
    assert tally.kills >= 4
    assert tally.old


@pytest.mark.soak
def test_what_was_told_before_the_kill_is_there(tmp_path: Path) -> None:
    if reason := obstacle(tmp_path):
        pytest.skip(reason)
    tally = kill(tmp_path, ("remember", "a later commit"), every=1, first=-3)
    assert tally.problems == []
    assert (tally.kills, tally.told, tally.new) == (3, 3, 3)
