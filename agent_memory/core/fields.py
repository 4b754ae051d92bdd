"""Merging two front matters with their common ancestor, key by key.

A field is a line `key: …`, nested or not, with the lines below it that are no field: list items,
comments, the rest of a long text. Two sides may change neighbouring fields.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent_memory.core.align import diff3, three_way

_KEY = re.compile(r"( *)(\"[^\"]*\"|'[^']*'|(?!- )[^\s#:][^:]*?)[ \t]*:(?=[ \t\r\n]|\Z)")

Path = tuple[str, ...]
Fields = dict[Path, list[str]]
Difference = tuple[Sequence[str], Sequence[str], Sequence[str]]
"""What base, ours and theirs say where both changed it, and differ."""


def merge_fields(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> tuple[list[str], list[Difference]]:
    """The lines of the merged front matter, fences and all; where both differ, theirs stay."""
    merged = three_way(base, ours, theirs)
    if merged is not None:
        return list(merged), []
    if not ours or not theirs:
        return list(theirs), [(base, ours, theirs)]
    old, mine, other = _fields(base[1:-1]), _fields(ours[1:-1]), _fields(theirs[1:-1])
    result = dict(other)
    clashes = _changed(result, old, mine)
    after: Path = ()
    for path, lines in mine.items():
        if path not in old and path not in other:
            if path[:-1] and path[:-1] not in result:
                clashes.append(([], lines, []))
                continue
            result = _inserted(result, after, path, lines)
        if path in result:
            after = path
    return [theirs[0], *(line for part in result.values() for line in part), theirs[-1]], clashes


def _changed(result: Fields, old: Fields, mine: Fields) -> list[Difference]:
    """Change and delete in `result`, which is theirs, what `mine` did to the fields of `old`."""
    clashes: list[Difference] = []
    for path in [*old, *(path for path in mine if path not in old and path in result)]:
        before, here, there = old.get(path, []), mine.get(path, []), result.get(path, [])
        merged = three_way(before, here, there)
        if merged is None and before and here and there:
            merged = diff3(before, here, there)
        if merged is None:
            clashes.append((before, here, there))
        elif merged:
            result[path] = list(merged)
    for path in reversed(old):
        inner = any(other[: len(path)] == path for other in result if other != path)
        if path not in mine and path and not inner and result.get(path) == old[path]:
            del result[path]
    return clashes


def _fields(lines: Sequence[str]) -> Fields:
    """The lines by the path of their keys; a key given again is numbered."""
    result: Fields = {(): []}
    path: Path = ()
    above: list[tuple[int, str]] = []
    for line in lines:
        match = _KEY.match(line)
        if match is None:
            result[path].append(line)
            continue
        depth = len(match[1])
        above = [outer for outer in above if outer[0] < depth]
        name = match[2].strip("\"'")
        path = (*(key for _, key in above), name)
        while path in result:
            name += "\0"
            path = (*path[:-1], name)
        above.append((depth, name))
        result[path] = [line]
    return result


def _inserted(fields: Fields, after: Path, path: Path, lines: list[str]) -> Fields:
    """The fields with one more behind `after` and what is nested in it, or in its own parent."""
    parent = path[:-1]
    if after[: len(parent)] != parent:
        after = parent
    # A sibling goes behind everything that is nested in the one before it.
    sibling = after[: len(path)] if len(after) >= len(path) else ()
    order = list(fields)
    at = order.index(after)
    while sibling and at + 1 < len(order) and order[at + 1][: len(sibling)] == sibling:
        at += 1
    order.insert(at + 1, path)
    return {name: lines if name == path else fields[name] for name in order}
