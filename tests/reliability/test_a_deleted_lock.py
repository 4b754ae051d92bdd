"""The lock, or all of our state, is deleted in the middle of a commit, and somebody else gets in.

Small here: before every fifth call that changes something; with `AGENT_MEMORY_SOAK` before each.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from beside import Act, in_a_child
from meetings import changes, delete_the_lock_and_write, delete_the_state_and_write, meet

STEP = 1 if int(os.environ.get("AGENT_MEMORY_SOAK", "1")) > 1 else 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize("act", [delete_the_lock_and_write, delete_the_state_and_write])
def test_wherever_it_is_deleted_no_edit_of_either_holder_is_lost(act: Act, tmp_path: Path) -> None:
    forgets = act is delete_the_state_and_write

    def found() -> list[str]:
        return list(meet(tmp_path, act, changes, step=STEP, forgets=forgets))

    assert in_a_child(found) == []
