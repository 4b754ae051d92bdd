"""Trees at any commit and the fate of paths, from a list of what each commit did."""

from __future__ import annotations

from agent_memory.core.staleness.past import BORN, CHANGED, GONE, Fate, Past

# 4 (main) merges 2 into 3; 2 and 3 are children of 1; 1 follows 0. Children before parents:
# number 0 is the merge, 1 its first parent (main), 2 the branch, 3 and 4 what both follow.
COMMITS = ["merge", "main", "side", "second", "first"]
PATHS = ["a", "b", "c", "x", "y"]
PAST = Past(
    COMMITS,
    [1, 3, 3, 4, -1],
    [50, 40, 30, 20, 10],
    frozenset({0}),
    PATHS,
    [
        [4, BORN, 2, 1, 0, 1],  # a becomes b on the side, and the merge brings that along
        [2, BORN, 0, BORN],
        [3, BORN, 1, GONE],
        [4, BORN, 3, 4, 1, CHANGED],  # x becomes y in the second commit
        [3, BORN, 1, GONE],
    ],
)


def test_a_path_lives_on_one_branch_and_not_on_the_other() -> None:
    alive = {name: PAST.alive("a", number) for number, name in enumerate(COMMITS)}
    assert alive == {"merge": False, "main": True, "side": False, "second": True, "first": True}
    assert not PAST.alive("never", 0)


def test_a_removal_is_told_by_the_commit_that_made_it_not_by_the_merge() -> None:
    assert PAST.fate("a", {"b"}) == Fate(2, "b")


def test_a_rename_is_followed_until_it_ends() -> None:
    assert PAST.fate("x", {"b"}) == Fate(3, "")
    assert PAST.fate("x", {"y"}) == Fate(3, "y")


def test_renames_in_a_circle_end() -> None:
    circle = Past(["2", "1"], [1, -1], [2, 1], (), ["a", "b"], [[1, 1, 0, BORN], [1, BORN, 0, 0]])
    assert circle.fate("a", set()) == Fate(1)


def test_a_deletion_has_no_target_and_an_unknown_path_no_commit() -> None:
    assert PAST.fate("c", set()) == Fate(1)
    assert PAST.fate("never", set()) == Fate(None)


def test_changes_count_after_a_commit_only() -> None:
    assert PAST.changes_since("x", 3) == 1
    assert PAST.changes_since("x", 1) == 0


def test_a_moment_lies_between_two_commits_of_the_main_line() -> None:
    assert PAST.at(25) == (3, 1)
    assert PAST.at(99) == (0,)
    assert PAST.at(1) == (4,)
    assert Past().at(1) == ()
