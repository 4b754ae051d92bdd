"""What a runner's own editing tools would make of a file, worked out before they do.

A tool is told by the shape of its input, as runners differ in the names: the whole `content`,
one `old_string` and `new_string`, or a list of such `edits`.
"""

from __future__ import annotations

from collections.abc import Mapping


def result(given: Mapping[str, object], text: str | None) -> str | None:
    """The file's text after a tool's call, None where it changes nothing or is going to fail.

    Args:
        given: the tool's input.
        text: the file's text now, None where there is no file.
    """
    content = given.get("content")
    if isinstance(content, str):
        return content if content != text else None
    edits = given.get("edits", [given])
    if not isinstance(edits, list) or not edits:
        return None
    after = text
    for edit in edits:
        after = _edited(edit, after) if isinstance(edit, Mapping) else None
        if after is None:
            return None
    return after if after != text else None


def _edited(edit: Mapping[str, object], text: str | None) -> str | None:
    old, new = edit.get("old_string"), edit.get("new_string")
    if not isinstance(old, str) or not isinstance(new, str):
        return None
    if not old:  # how a file is made by an edit
        return None if text else new
    if text is None:
        return None
    if old not in text and "\r\n" in text:  # models write, and some tools match, bare newlines
        text = text.replace("\r\n", "\n")
    found = text.count(old)
    everywhere = edit.get("replace_all") is True
    if not found or (found > 1 and not everywhere):
        return None
    return text.replace(old, new)
