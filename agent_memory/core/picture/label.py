"""Words in a picture: fit for any format, and short enough for their place."""

from __future__ import annotations

import unicodedata
from html import escape

from agent_memory.core import text as texts

# XML 1.0, section 2.2, "Char": these two are no characters of a document.
_NOT_XML = str.maketrans("\ufffe\uffff", "\ufffd\ufffd")
_NARROW, _WIDE = frozenset("fijlrtI.,:;'|!()[] -"), frozenset("mwMW@%")


def clean(text: str) -> str:
    """`text` on one line, with everything that hides, moves or ends something made visible."""
    return " ".join(texts.printable(text).translate(_NOT_XML).split())


def xml(text: str) -> str:
    """`text` as the content or the attribute of an element."""
    return escape(clean(text), quote=True)


def width(text: str, size: float) -> float:
    """About how wide `text` is in a sans-serif font of `size`, in the unit of `size`."""
    return size * sum(map(_share, text))


def _share(character: str) -> float:
    """How wide a character is, in em."""
    if character in _NARROW:
        return 0.34
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.9 if character in _WIDE else 0.68 if character.isupper() else 0.56


def fitted(text: str, size: float, room: float) -> str:
    """`text` cleaned and cut to `room`, with `…` where it was cut."""
    flat = clean(text)
    if width(flat, size) <= room:
        return flat
    while flat and width(flat + "…", size) > room:
        flat = flat[:-1]
    return flat.rstrip(" ,;:.—-([") + "…"
