"""The lines of a Markdown body and what each of them is: enough to find and cut sections.

No rendering and no tree: a row is a heading, text, a rule, code, or our own block. A line that
is nothing but bold text counts as the lowest heading, because people write headings that way.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from agent_memory.core.text import bare, lines

BEGIN = "<!-- agent-memory:begin"
END = "<!-- agent-memory:end"
BOLD_LEVEL = 7  # a line that is only bold text heads less than any heading does


class Row(NamedTuple):
    """A line: where it stands, its text without the ending, and what it is."""

    start: int
    text: str
    kind: (
        str  # text, blank, heading, underline (of a heading), rule, hidden (code, comments) or ours
    )
    level: int = 0
    title: str = ""


_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_BOLD = re.compile(r" {0,3}(?:\*\*|__)([^*_]+(?:_[^*_]+)*)(?:\*\*|__)[ \t]*:?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
_FENCE = re.compile(r"[ \t]*(?:[-*+][ \t]+)?(`{3,}|~{3,})([^`]*)")
_NOT_A_PARAGRAPH = re.compile(r"[ \t]*(?:[-*+>|<]|\d+[.)]|    )")


def outline(body: str) -> list[Row]:
    """The rows of `body`, one for each line."""
    parts = lines(body)
    texts = [bare(part) for part in parts]
    hidden = _hidden(texts)
    rows: list[Row] = []
    start = 0
    for index, part in enumerate(parts):
        rows.append(_row(start, texts, index, hidden))
        start += len(part)
    return rows


def next_visible(rows: list[Row], at: int) -> int | None:
    """The first row from `at` on that is neither blank nor a heading's underline."""
    skipped = ("blank", "underline")
    return next((i for i in range(at, len(rows)) if rows[i].kind not in skipped), None)


def opens_paragraph(rows: list[Row], i: int) -> bool:
    """Whether no text stands right above row `i`."""
    return i == 0 or rows[i - 1].kind != "text"


def is_list(text: str) -> bool:
    """Whether a line is a list item."""
    return re.match(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]", text) is not None


def paragraph(rows: list[Row], at: int) -> str:
    """The text of the paragraph or list item that starts at `at`, on one line."""
    texts = [rows[at].text]
    for row in rows[at + 1 : at + 8]:
        if row.kind != "text" or is_list(row.text):
            break
        texts.append(row.text.strip())
    return " ".join(texts)


def _row(start: int, texts: list[str], index: int, hidden: dict[int, str]) -> Row:
    text = texts[index]
    if index in hidden:
        return Row(start, text, hidden[index])
    if not text.strip():
        return Row(start, text, "blank")
    if atx := _ATX.fullmatch(text):
        return Row(start, text, "heading", len(atx[1]), (atx[2] or "").strip())
    if _is_setext(texts, index, hidden):
        level = 1 if "=" in texts[index + 1] else 2
        return Row(start, text, "heading", level, text.strip())
    if bold := _BOLD.fullmatch(text):
        return Row(start, text, "heading", BOLD_LEVEL, bold[1].strip())
    if index and index - 1 not in hidden and _is_setext(texts, index - 1, hidden):
        return Row(start, text, "underline")
    if _RULE.fullmatch(text):
        return Row(start, text, "rule")
    return Row(start, text, "text")


def _is_setext(texts: list[str], index: int, hidden: dict[int, str]) -> bool:
    """Whether a line is a paragraph of its own that the next line underlines."""
    if index + 1 >= len(texts) or index + 1 in hidden:
        return False
    alone = index == 0 or not texts[index - 1].strip() or _ATX.fullmatch(texts[index - 1])
    text = texts[index]
    if not alone or not text.strip() or _ATX.fullmatch(text) or _NOT_A_PARAGRAPH.match(text):
        return bool(alone and _BOLD.fullmatch(text) and _UNDERLINE.fullmatch(texts[index + 1]))
    return _UNDERLINE.fullmatch(texts[index + 1]) is not None


def _hidden(texts: list[str]) -> dict[int, str]:
    """The lines that are code, comments or our own block, with their kind."""
    hidden: dict[int, str] = {}
    fences = {i: match for i, text in enumerate(texts) if (match := _FENCE.fullmatch(text))}
    last_comment = max((i for i, text in enumerate(texts) if "-->" in text), default=-1)
    at = 0
    while at < len(texts):
        text = texts[at]
        end, kind = at, "hidden"
        if text.startswith(BEGIN):
            end, kind = _ours_end(texts, at), "ours"
        elif text.lstrip().startswith("<!--") and at <= last_comment:
            end = _comment_end(texts, at)
        elif at in fences:
            end = _fence_end(fences, at, len(texts))
        hidden.update(dict.fromkeys(range(at, end), kind))
        at = max(end, at + 1)
    return hidden


def _ours_end(texts: list[str], at: int) -> int:
    """The line after our block that begins at `at`; `at` itself where its end is missing."""
    for index in range(at + 1, len(texts)):
        if texts[index].startswith(END):
            return index + 1
        if texts[index].startswith(BEGIN):
            break
    return at


def _comment_end(texts: list[str], at: int) -> int:
    return next((index + 1 for index in range(at, len(texts)) if "-->" in texts[index]), at)


def _fence_end(fences: dict[int, re.Match[str]], at: int, count: int) -> int:
    """The line after the code that opens at `at`; `at` itself where that fence opens nothing.

    Authors nest fences of three backticks, which leaves a bare one over at the end. By the
    letter of CommonMark it would turn the rest of the file into code, so a bare fence that is
    followed by one with a language, or by none, is taken as such a left-over.
    """
    fence, language = fences[at].groups()
    is_bare = not language.strip()
    for index in range(at + 1, count):
        match = fences.get(index)
        if match is None or match[1][0] != fence[0] or len(match[1]) < len(fence):
            continue
        if not match[2].strip():
            return index + 1
        if is_bare:
            return at
    return at if is_bare else count
