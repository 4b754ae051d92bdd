"""Characters that a reader does not see and a model does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agent_memory.core.text import Places, compiled


class HiddenFinding(NamedTuple):
    """A character that a reader does not see; line and column count from 1."""

    name: str
    codepoint: int
    line: int
    column: int


_TAGS = "\U000e0000-\U000e007f"
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_BIDI = "\u202a-\u202e\u2066-\u2069"
_CANDIDATES = (
    f"[{_CONTROL}{_TAGS}{_PRIVATE}{_BIDI}\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f"
    "\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a"
    "\U000e0100-\U000e01ef\ud800-\udbff]"  # a low surrogate may be a byte that is not UTF-8
)
_PRINTABLE = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10)))
_SELECTORS = b"\xf3\xa0"  # how U+E0100 to U+E01EF begin, which Python takes for printable, too
_NAMES = (
    ("NUL character", "\x00"),
    ("control character", _CONTROL),
    ("Unicode tag character", _TAGS),
    ("bidirectional override", _BIDI),
    ("private-use character", _PRIVATE),
    ("lone surrogate", "\ud800-\udbff"),
    ("variation selector", "\ufe00-\ufe0f\U000e0100-\U000e01ef"),
)
_EMOJI = (
    "[\u2190-\u2bff\U0001f000-\U0001faff\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299©®0-9#*]"
)
_CJK = "[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
# Scripts that join or break inside a word: Hebrew to Myanmar, Khmer to Vedic, Saurashtra to
# Meetei, the Arabic presentation forms, Kharoshthi to Kaithi and its neighbours.
_JOINING = "[\u0590-\u10ff\u1780-\u1cff\ua800-\uabff\ufb1d-\ufefc\U00010a00-\U00011fff]"
_UNSPACED = "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
_NEIGHBOURS = (
    # character, what may stand before it, what may stand after it
    ("\u200d", f"(?:{_EMOJI}|\ufe0f)", _EMOJI),
    ("[\u200c\u200d]", _JOINING, _JOINING),
    ("\u200b", _UNSPACED, _UNSPACED),
    ("\u00ad", r"[^\W\d_]", r"[^\W\d_]"),
    ("[\ufe0e\ufe0f]", _EMOJI, "(?s:.|)"),
    ("[\ufe00-\ufe02\U000e0100-\U000e01ef]", f"(?:{_CJK}|[\u2200-\u2aff])", "(?s:.|)"),
)
_FLAGS = tuple(  # of England, Scotland and Wales: UTS #51, "emoji tag sequence"
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(char)) for char in region) + "\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)
_ISOLATE = "[\u2066-\u2068][^\u2066-\u2069\r\n]{0,200}\u2069"
_MARKS = "\u061c\u200e\u200f"
_RTL = (
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_REACH = 40
_LONGEST = 2_000  # characters of a line in which pairs of controls are looked for


def hidden(text: str) -> tuple[HiddenFinding, ...]:
    """Every character in `text` that a reader does not see and that no script needs there."""
    hits = list(positions(text))
    places = Places(text) if hits else None
    return tuple(
        HiddenFinding(name, ord(text[start]), *places.of(start)) for start, name in hits if places
    )


def visible(text: str) -> str:
    """`text` with U+FFFD for each character that a reader does not see."""
    parts: list[str] = []
    done = 0
    for start, _ in positions(text):
        parts += [text[done:start], "\ufffd"]
        done = start + 1
    return "".join([*parts, text[done:]])


def positions(text: str) -> Iterator[tuple[int, str]]:
    """The index and kind of every character that hides, in order."""
    if _shows_all(text):
        return
    for match in compiled(_CANDIDATES).finditer(text):
        index = match.start()
        if not _has_a_use(text, index):
            yield index, _kind(match[0])


def _shows_all(text: str) -> bool:
    """Whether no candidate is in `text`, told without looking at each character: prompts wait."""
    bare = text.replace("\n", "").replace("\t", "").replace("\r", "")
    if not bare.isprintable():
        return False
    if bare.isascii():
        return True
    return not any(char in bare for char in _PRINTABLE) and _SELECTORS not in bare.encode()


def _kind(char: str) -> str:
    return next(
        (name for name, chars in _NAMES if compiled(f"[{chars}]").match(char)),
        "zero-width character",
    )


def _has_a_use(text: str, index: int) -> bool:
    char, before, after = text[index], text[max(index - 1, 0) : index], text[index + 1 : index + 2]
    if char == "\ufeff":
        return index == 0
    if "\U000e0000" < char < "\U000e0080":
        return any(flag in text[max(index - 6, 0) : index + 7] for flag in _FLAGS)
    if "\u2066" <= char <= "\u2069":
        return _isolates(text, index)
    if char in _MARKS:
        return bool(compiled(_RTL).search(text, max(index - _REACH, 0), index + _REACH))
    return any(
        compiled(this).match(char)
        and compiled(left).fullmatch(before)
        and compiled(right).fullmatch(after)
        for this, left, right in _NEIGHBOURS
    )


def _isolates(text: str, index: int) -> bool:
    """Whether a control is one of a pair on its line that parts scripts of two directions."""
    start = max(text.rfind(end, 0, index) for end in "\r\n") + 1
    stop = min((at for end in "\r\n" if (at := text.find(end, index)) >= 0), default=len(text))
    if stop - start > _LONGEST:
        return False
    line = text[start:stop]
    pairs = compiled(_ISOLATE).finditer(line)
    in_pair = any(index - start in (pair.start(), pair.end() - 1) for pair in pairs)
    return in_pair and bool(compiled(_RTL).search(line))
