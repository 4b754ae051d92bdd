"""Changes as a unified diff, and the lines that two versions have in common."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from past import Past

from agent_memory.core.diff import changes, same_lines, unified
from agent_memory.core.snapshot import Change

Pasts = Callable[..., Past]
some_lines = st.lists(st.sampled_from("abcd"), max_size=12)


def test_a_commit_is_shown_as_what_it_changed(past: Pasts) -> None:
    here = past({"MEMORY.md": "# Mine\n\n- one\n"})
    record = here.remember("two")
    assert unified(changes(record)) == (
        "--- a/MEMORY.md\n+++ b/MEMORY.md\n@@ -1,3 +1,4 @@\n # Mine\n \n - one\n+- two\n"
    )


def test_what_was_only_found_changed_nothing(past: Pasts) -> None:
    assert unified(changes(past({"MEMORY.md": "# Mine\n"}).found())) == ""


def test_new_and_removed_files_and_missing_ends_of_line_are_marked() -> None:
    assert unified([Change("a.md", None, b"x"), Change("b.md", b"y\r\n", None)]) == (
        "--- /dev/null\n+++ b/a.md\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n"
        "--- a/b.md\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\r\n"
    )


@given(some_lines, some_lines)
def test_common_lines_are_equal_in_order_and_complete_at_both_ends(
    old: list[str], new: list[str]
) -> None:
    found = list(same_lines(old, new))
    assert all(old[a] == new[b] for a, b in found)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(found))
    if old and new and old[0] == new[0]:
        assert found[0] == (0, 0)
    if old == new:
        assert found == [(n, n) for n in range(len(old))]
