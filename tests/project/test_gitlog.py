"""What is kept of git's answers between two looks."""

from __future__ import annotations

from agent_memory.core.staleness.past import BORN, CHANGED, GONE, Past
from agent_memory.project import gitlog

SAID = (
    "\x01\x01c3 c2 30\0\nR100\0a\0b\0\x01\x01c2 c1 c0 20\0\nM\0a\0D\0d\0"
    "\x01\x01c1  10\0\nA\0a\0A\0d\0"
)


def test_a_log_is_read_commit_by_commit() -> None:
    past = gitlog._parsed(SAID)
    assert (past.commits, past.parents, past.times) == (
        ["c3", "c2", "c1"],
        [1, 2, -1],
        [30, 20, 10],
    )
    assert past.merges == {1}
    events = dict(zip(past.paths, past.events, strict=True))
    assert events == {
        "b": [0, BORN],
        "a": [0, past.paths.index("b"), 1, CHANGED, 2, BORN],
        "d": [1, GONE, 2, BORN],
    }


def test_a_history_that_was_kept_is_the_same() -> None:
    past = Past(["b", "a"], [1, -1], [2, 1], frozenset({0}), ["\udcff.py"], [[1, BORN]])
    assert gitlog.unpacked(gitlog.packed(past, complete=False)) == (past, False)


def test_what_was_kept_and_is_spoilt_is_nothing() -> None:
    assert gitlog.unpacked(b"") is None
    assert gitlog.unpacked(b"no answer") is None
