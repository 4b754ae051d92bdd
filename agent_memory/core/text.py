r"""Text with nothing lost: bytes in and out, lines, endings, spans and splices.

A file's bytes become `str` with `surrogateescape`, so bytes that are not UTF-8 survive the
way through. Lines end at `\n`, `\r\n` and `\r` only, as CommonMark says (spec 0.31.2,
section 2.1, "line ending"); form feeds and U+2028 are ordinary characters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import NamedTuple

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_ENDING = re.compile(r"\r\n|\r|\n")
BOM = "\ufeff"

# What must not reach a terminal: C0 but tab and newline, DEL, C1, bidirectional controls and
# isolates, zero-width characters that hide text, the BOM, tag characters, lone surrogates (our
# own escape for bytes that are not UTF-8).
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


class Span(NamedTuple):
    """A half-open range of characters in a text."""

    start: int
    end: int


class Splice(NamedTuple):
    """Replace the characters of `span` by `text`."""

    span: Span
    text: str


def decode(data: bytes) -> str:
    """The text of `data`; bytes that are not UTF-8 become lone surrogates and survive."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes of `text`, the exact inverse of `decode`."""
    return text.encode("utf-8", "surrogateescape")


def size(text: str) -> int:
    """The size of `text` in UTF-8 bytes."""
    return len(text) if text.isascii() else len(encode(text))


def lines(text: str) -> list[str]:
    """The lines of `text` with their endings; joined they are `text` again."""
    if "\r" not in text:
        parts = text.split("\n")
        last = parts.pop()
        result = [part + "\n" for part in parts]
        if last:
            result.append(last)
        return result
    return _LINE.findall(text)


def bare(line: str) -> str:
    """A line without its ending."""
    return line.rstrip("\r\n")


def ending(text: str) -> str:
    r"""The line ending that `text` uses most, `\n` where it has none."""
    if "\r" not in text:
        return "\n"
    counts: dict[str, int] = {"\n": 0}
    for match in _ENDING.finditer(text):
        counts[match[0]] = counts.get(match[0], 0) + 1
    return max(counts, key=counts.__getitem__)


def splice(text: str, splices: list[Splice]) -> str:
    """`text` with each span replaced; spans must not overlap.

    Raises:
        ValueError: two spans overlap.
    """
    parts: list[str] = []
    done = 0
    for span, replacement in sorted(splices):
        if span.start < done:
            raise ValueError(f"splices overlap at character {span.start}")
        parts += [text[done : span.start], replacement]
        done = span.end
    parts.append(text[done:])
    return "".join(parts)


def printable(text: str) -> str:
    """`text` fit for a terminal: what could move a cursor or hide text becomes visible.

    Tabs and newlines stay; every other control character turns into U+FFFD.
    """
    return _UNPRINTABLE.sub("\ufffd", text)


def well_formed(text: str) -> str:
    """`text` as any program can encode it: bytes that are not UTF-8 become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def slug(text: str, fallback: str = "notes") -> str:
    """A plain file stem made from `text`: lower case words joined by `-`, at most 60 characters."""
    words = re.findall(r"[^\W_]+", text.casefold())
    stem = ""
    for word in words:
        if len(stem) + len(word) > 60:
            break
        stem += ("-" if stem else "") + word
    return stem or fallback


def shorten(text: str, limit: int) -> str:
    """`text` on one line, cut at a word to at most `limit` characters, `…` where it was cut.

    What has no word's end in its second half, as most CJK text, is cut within the word.
    """
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    head = flat[: limit - 1]
    words = head.rsplit(" ", 1)[0]
    return (words if len(words) >= limit // 2 else head).rstrip(" ,;:.—-") + "…"


def count_lines(text: str) -> int:
    """How many lines `text` has; a last line without an ending counts."""
    breaks = len(_ENDING.findall(text)) if "\r" in text else text.count("\n")
    return breaks + (not text.endswith(("\n", "\r")) and bool(text))


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern compiled at its first use: a module with many of them stays cheap to import."""
    return re.compile(pattern)


class Places:
    """Line and column, from 1, of a character's index."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *accumulate(map(len, lines(text)))]

    def of(self, index: int) -> tuple[int, int]:
        """Line and column of the character at `index`."""
        line = bisect_right(self.starts, index)
        return line, index - self.starts[line - 1] + 1
