"""Which elements of two sequences correspond, and three-way merging by that (diff3), or by count.

The one library for this, merge3, is licensed GPL-2.0-or-later; difflib does the comparing here,
and what diff3 adds to it is a page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher


def matches(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    """For each element of `old` the index of its counterpart in `new`, in ascending order."""
    result: list[int | None] = [None] * len(old)
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        result[head] = head
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
        result[-tail] = len(new) - tail
    middle, other = old[head : len(old) - tail], new[head : len(new) - tail]
    # Blank lines say nothing about what belongs together, and there are many of them.
    matcher = SequenceMatcher(lambda element: not element.strip(), middle, other, autojunk=False)
    for match in matcher.get_matching_blocks():
        for step in range(match.size):
            result[head + match.a + step] = head + match.b + step
    return result


def diff3(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """The changes of both sides to `base`, None where they touch each other and differ."""
    result: list[str] = []
    for old, mine, other in _regions(base, ours, theirs):
        merged = three_way(old, mine, other)
        if merged is None:
            return None
        result += merged
    return result


def three_way(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> Sequence[str] | None:
    """The one of three that a change was made to, or that both were changed to, else None."""
    if ours in (base, theirs):
        return theirs
    return ours if theirs == base else None


def expected(
    base: Mapping[str, int], ours: Mapping[str, int], theirs: Mapping[str, int]
) -> Counter[str]:
    """How often each entry stands in the merge: equal additions count once, as do equal removals.

    What one side added and the other removed cancels out.
    """
    result = Counter[str]()
    for entry in {*base, *ours, *theirs}:
        count = base.get(entry, 0)
        mine, other = ours.get(entry, 0) - count, theirs.get(entry, 0) - count
        if mine > 0 and other > 0:
            change = max(mine, other)
        elif mine < 0 and other < 0:
            change = min(mine, other)
        else:
            change = mine + other
        if count + change > 0:
            result[entry] = count + change
    return result


def _regions(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[Sequence[str], Sequence[str], Sequence[str]]]:
    """All three cut where they agree: what they share, and between it what any of them changed."""
    start = mine_start = other_start = 0
    pairs = zip(matches(base, ours), matches(base, theirs), strict=True)
    for at, (mine, other) in enumerate(pairs):
        if mine is None or other is None:
            continue
        yield base[start:at], ours[mine_start:mine], theirs[other_start:other]
        yield base[at : at + 1], ours[mine : mine + 1], theirs[other : other + 1]
        start, mine_start, other_start = at + 1, mine + 1, other + 1
    yield base[start:], ours[mine_start:], theirs[other_start:]
