"""The commands of the memory tool `memory_20250818`, as edits of files and texts about them.

What they do and what they answer is the vendor's protocol (platform.claude.com, "Memory tool",
and the tests that the SDK has for its own folder of files), because models are trained on it.
Where it has gaps: text is stored exactly as given, a view is bounded, bytes that are not UTF-8
can be seen, links follow a rename, and what a runner would cut is said in the answer.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent_memory.core import remarks
from agent_memory.core import text as texts
from agent_memory.core.draft import Draft
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Skipped, Snapshot

ROOT = "/memories"
MAX_LINES = 999_999
PAGE = 60_000  # characters that one view shows
_AROUND = 2  # lines that a snippet shows before and after a change
_SNIPPET = 40  # lines that a snippet shows at most
_NUMBER = 8  # characters of a line's number, and of its end
_DEPTH = 2  # levels that a listing goes down
_TEXT = re.compile(r"\.(?:md|markdown|txt)\Z", re.IGNORECASE)


class Refused(Exception):  # noqa: N818  # it is an answer, not a fault
    """The command cannot be done; the message is the answer that the model gets."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a command names: `shown` as the model wrote it, `path` within the memory, "" its top."""

    shown: str
    path: str


def below_root(shown: str) -> str:
    """The part of a path below `/memories`, with single slashes; "" for the top itself.

    Raises:
        Refused: it is not below.
    """
    if shown != ROOT and not shown.startswith(ROOT + "/"):
        raise Refused(f"Error: Path must start with {ROOT}, got: {shown}")
    parts = [part for part in shown[len(ROOT) :].split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Refused(f"Error: Path {shown} would escape {ROOT} directory")
    return "/".join(parts)


# -- view -----------------------------------------------------------------------------------------


def sizes(snapshot: Snapshot) -> dict[str, int]:
    """Path → bytes of all that a listing shows, also of files that are not read."""
    found = {path: len(data) for path, data in snapshot.files.items()}
    found |= {one.path: one.bytes for one in snapshot.skipped if not _is_link(one)}
    return {path: size for path, size in found.items() if "node_modules" not in path.split("/")}


def listing(shown: str, found: Mapping[str, int], folders: Iterable[str] = ()) -> str:
    """What lies two levels deep, a size and a path a line; `folders` are listed without files."""
    totals = dict.fromkeys((f"{folder}/" for folder in folders), 0)
    for path, size in found.items():
        for at, character in enumerate(path):
            if character == "/":
                totals[path[: at + 1]] = totals.get(path[: at + 1], 0) + size
        totals[path] = size
    lines = [f"{_human(sum(found.values()))}\t{shown}"]
    lines += [
        f"{_human(totals[path])}\t{shown}/{path}"
        for path in sorted(totals)
        if path.rstrip("/").count("/") < _DEPTH
    ]
    head = f"Here're the files and directories up to 2 levels deep in {shown}"
    return "\n".join([f"{head}, excluding hidden items and node_modules:", *lines])


def view(snapshot: Snapshot, at: Target, view_range: Sequence[int] | None = None) -> str:
    """A folder's listing, or a file's lines with their numbers.

    Raises:
        Refused: there is nothing, or the range is not within the file.
    """
    if at.path not in snapshot.files:
        _refuse_unread(snapshot, at)
        below = _below(sizes(snapshot), at.path)
        if not below and at.path:
            raise Refused(_missing(at))
        return listing(at.shown, below)
    lines = texts.lines(snapshot.text(at.path))
    if len(lines) > MAX_LINES:
        raise Refused(f"File {at.shown} exceeds maximum line limit of 999,999 lines.")
    first, last = _range(view_range, len(lines))
    shown, notes = _page(lines, first, last)
    if any(line != texts.well_formed(line) for line in shown):
        notes.append(
            "bytes that are not UTF-8 are shown as \ufffd; an edit of other text keeps them"
        )
    head = f"Here's the content of {at.shown} with line numbers:"
    return "\n".join([head, *shown, *noted(notes)])


def _range(view_range: Sequence[int] | None, count: int) -> tuple[int, int]:
    if view_range is None:
        return 1, count
    first, last = (*view_range, 0, 0)[:2]
    if len(view_range) != 2 or first > max(count, 1) or (last != -1 and last < first):
        raise Refused(
            f"Error: Invalid `view_range` parameter: {list(view_range)}. It should be two line"
            f" numbers within [1, {count}], the second may be -1 for the end of the file."
        )
    return max(first, 1), count if last == -1 else min(last, count)


def _page(lines: Sequence[str], first: int, last: int) -> tuple[list[str], list[str]]:
    """Numbered lines, no more than a page, and what is to be said of those that are not shown."""
    shown: list[str] = []
    room = PAGE
    for number in range(first, max(last, 1) + 1):
        line = texts.bare(lines[number - 1]) if lines else ""
        if len(line) > PAGE and not shown:
            return [_numbered(number, line[:PAGE])], [
                f"line {number} is cut: it has {len(line):,} characters;"
                f" continue with view_range [{number + 1}, -1]"
            ]
        room -= len(line) + _NUMBER
        if room < 0 and shown:
            note = f"lines {number}–{last} are not shown; continue with view_range [{number}, -1]"
            return shown, [note]
        shown.append(_numbered(number, line))
    return shown, []


def _numbered(number: int, line: str) -> str:
    return f"{number:>6}\t{line}"


def _human(size: int) -> str:
    """A size as people read it: `512B`, `1.5K`, `12M`."""
    shown, unit = float(size), "B"
    for larger in ("K", "M"):
        if shown >= 1024:
            shown, unit = round(shown / 1024, 1), larger
    return f"{shown:.1f}".rstrip("0").rstrip(".") + unit


def _below(found: Mapping[str, int], folder: str) -> dict[str, int]:
    start = f"{folder}/" if folder else ""
    return {path[len(start) :]: size for path, size in found.items() if path.startswith(start)}


# -- changes --------------------------------------------------------------------------------------


def create(draft: Draft, at: Target, text: str) -> str:
    """Make a new file with exactly this text."""
    snapshot = draft.snapshot
    if at.path in snapshot.files or any(one.path == at.path for one in snapshot.skipped):
        raise Refused(f"Error: File {at.shown} already exists")
    _refuse_unread(snapshot, at)
    if not at.path or _below(sizes(snapshot), at.path):
        raise Refused(f"Error: {at.shown} is a directory")
    _refuse_other_kinds(at.shown)
    _store(draft, at.path, text, text)
    return f"File created successfully at: {at.shown}"


def str_replace(draft: Draft, at: Target, old: str, new: str) -> str:
    """Replace the one place where `old` stands; an empty `new` takes it out."""
    text = draft.snapshot.text(_file(draft.snapshot, at))
    if old and "\r\n" in text and old not in text:  # a view does not show how lines end
        old, new = _crlf(old), _crlf(new)
    starts = list(_occurrences(text, old)) if old else []
    if not starts:
        raise Refused(
            f"No replacement was performed, old_str `{old}` did not appear verbatim in {at.shown}."
        )
    lines = [texts.count_lines(text[:start] + "x") for start in starts]
    if len(starts) > 1:
        raise Refused(
            f"No replacement was performed. Multiple occurrences of old_str `{old}` in lines:"
            f" {', '.join(map(str, lines))}. Please ensure it is unique"
        )
    edited = text[: starts[0]] + new + text[starts[0] + len(old) :]
    _store(draft, at.path, edited, new)
    after = texts.lines(edited)
    first = max(lines[0] - _AROUND, 1)
    last = min(lines[0] + max(texts.count_lines(new), 1) - 1 + _AROUND, len(after))
    shown = [
        _numbered(n, texts.bare(after[n - 1]))
        for n in range(first, min(last, first + _SNIPPET - 1) + 1)
    ]
    head = "The memory file has been edited. Here is the snippet showing the change"
    return "\n".join([f"{head} (with line numbers):", *shown])


def insert(draft: Draft, at: Target, line: int, text: str) -> str:
    """Put text after a line, 0 for the top; the lines around it stay whole lines."""
    before = draft.snapshot.text(_file(draft.snapshot, at))
    lines, ending = texts.lines(before), "\r\n" if texts.ending(before) == "\r\n" else "\n"
    if not 0 <= line <= len(lines):
        raise Refused(
            f"Error: Invalid `insert_line` parameter: {line}. It should be within the range"
            f" [0, {len(lines)}]."
        )
    lines.insert(line, text)
    whole = [part if part.endswith(("\n", "\r")) else part + ending for part in lines]
    _store(draft, at.path, "".join(whole), text)
    return f"The file {at.shown} has been edited."


def delete(draft: Draft, at: Target) -> str:
    """Take out a file, or a folder with all that is in it, and the index rows that lead there."""
    if not at.path:
        raise Refused(f"Error: Cannot delete the {at.shown} directory itself")
    going = _files(draft, at)
    if INDEX in going:
        raise Refused(
            f"Error: {at.shown} is the index and stays; take out what it says with str_replace"
        )
    before = draft.snapshot
    for path in going:
        draft.remove(path)
    rows = [path for path in _changed(before, draft) if path not in going]
    draft.notices += [f"the rows of {path} that led there are gone, too" for path in rows]
    return f"Successfully deleted {at.shown}"


def rename(draft: Draft, old: Target, new: Target) -> str:
    """Move a file or a folder; links follow."""
    if not old.path:
        raise Refused(f"Error: Cannot rename the {old.shown} directory itself")
    going = _files(draft, old)
    there = [*draft.snapshot.files, *(one.path for one in draft.snapshot.skipped)]
    if not new.path or any(f"{path}/".startswith(f"{new.path}/") for path in there):
        raise Refused(f"Error: The destination {new.shown} already exists")
    if f"{new.path}/".startswith(f"{old.path}/"):
        raise Refused(f"Error: {new.shown} lies within {old.shown}")
    _refuse_unread(draft.snapshot, new)
    if going == [old.path]:
        _refuse_other_kinds(new.shown)
    before, arrived = draft.snapshot, [new.path + path[len(old.path) :] for path in going]
    for path, goal in zip(going, arrived, strict=True):
        draft.rename(path, goal)
    followed = [path for path in _changed(before, draft) if path not in (*going, *arrived)]
    draft.notices += [f"the links in {path} follow" for path in followed]
    return f"Successfully renamed {old.shown} to {new.shown}"


def _store(draft: Draft, path: str, text: str, added: str) -> None:
    """Write exactly this text over what the draft has, and say what `added` had better not hold."""
    existing = path in draft.snapshot.files
    has_index = INDEX in (path, *draft.snapshot.files)
    expected = draft.snapshot.document(path).revision if existing else None
    noted_before = len(draft.notices)
    draft.write(path, text, expected)
    if not has_index:  # then nothing is loaded from an index, and being linked there means nothing
        del draft.notices[noted_before:]
    draft.notices += remarks.advice(added)


def _files(draft: Draft, at: Target) -> list[str]:
    """The files at or below a target, with a notice of what stays because it is not ours."""
    _refuse_unread(draft.snapshot, at)
    found = [path for path in draft.snapshot.files if f"{path}/".startswith(f"{at.path}/")]
    if not found:
        raise Refused(f"Error: The path {at.shown} does not exist")
    inside = [one for one in draft.snapshot.skipped if one.path.startswith(f"{at.path}/")]
    draft.notices += [f"{one.path} stays where it is: {one.reason}" for one in inside]
    return sorted(found)


def _file(snapshot: Snapshot, at: Target) -> str:
    """The path of a file that is there."""
    if at.path in snapshot.files:
        return at.path
    _refuse_unread(snapshot, at)
    if not at.path or _below(sizes(snapshot), at.path):
        raise Refused(f"Error: The path {at.shown} is not a file.")
    raise Refused(f"Error: {_missing(at)}")


def _missing(at: Target) -> str:
    return f"The path {at.shown} does not exist. Please provide a valid path."


def _refuse_unread(snapshot: Snapshot, at: Target) -> None:
    """What is there but not read must not look as if it were missing."""
    for one in snapshot.skipped:
        if f"{at.path}/".startswith(f"{one.path}/"):
            if _is_link(one):
                raise Refused(f"Error: Path {at.shown} would escape {ROOT} directory: {one.reason}")
            raise Refused(f"Error: {at.shown} cannot be read here: {one.reason}")


def _refuse_other_kinds(shown: str) -> None:
    if not _TEXT.search(shown):
        stem, ending = posixpath.splitext(shown)
        name = stem if 1 < len(ending) <= 6 else shown
        raise Refused(f"Error: only Markdown and plain text are kept here; use {name}.md instead")


def _is_link(one: Skipped) -> bool:
    return one.reason.startswith("a link")


def _changed(before: Snapshot, draft: Draft) -> list[str]:
    return [change.path for change in before.changes_to(draft.snapshot.files)]


def _occurrences(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def noted(notes: Iterable[str]) -> list[str]:
    """Advice as lines below an answer."""
    lines = [f"note: {note}" for note in notes]
    return ["", *lines] if lines else []
