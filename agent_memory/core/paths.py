"""Names that are safe inside a memory: from what a caller typed to a path below the directory.

A name is refused, never repaired: a repaired name would write to a place nobody asked for.
The rules are those of the strictest file system a memory may be checked out on, so they hold
on all of them. Device names, trailing dots and spaces, short names: Microsoft, "Naming Files,
Paths, and Namespaces". Characters a disk ignores when it compares names: Unicode property
Default_Ignorable_Code_Point, as ext4 with casefold does. Symbolic links are the storage's
matter, they cannot be seen in a name.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from agent_memory.errors import UnsafePathError

if TYPE_CHECKING:
    from collections.abc import Iterable

INDEX = "MEMORY.md"
STATE = ".agent-memory"
COMPONENT_BYTES = 255
PATH_BYTES = 1024

_HINT = (
    'Use a plain relative name such as "debugging" or "debug/celery": letters, digits, "-", "_", '
    'spaces inside, "/" between folders.'
)
_SUFFIX = re.compile(r"\.(?:md|markdown|txt)\Z", re.IGNORECASE)
_PERCENT = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
_DRIVE = re.compile(r"[a-z]:", re.IGNORECASE)
_RESERVED = re.compile(r'[<>:"|?*]')
# Slashes that some program on the way turns into "/" or "\": fraction, division, big, small,
# fullwidth and set-minus forms. NFKC alone knows only the small and fullwidth ones.
_SLASH_LIKE = re.compile("[\u2044\u2215\u2216\u29f5\u29f8\u29f9\ufe68\uff0f\uff3c]")
_SHORT_NAME = re.compile(r"[^.]{1,6}~\d{1,6}(?:\.[^.]{0,3})?")
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|clock\$|conin\$|conout\$) *(?:\..*)?", re.DOTALL
)
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_INVISIBLE = {
    "Cc": "a control character",
    "Cf": "an invisible character",
    "Co": "a private-use character",
    "Cs": "bytes that are not UTF-8",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}


def topic_path(name: str) -> str:
    """The POSIX path, relative to the memory, of the topic that `name` names.

    `preferences` is `preferences.md`; a name that ends in `.md`, `.markdown` or `.txt` is kept as
    it is spelled; `MEMORY` is the index.

    Raises:
        UnsafePathError: the name leaves the memory, or is not a name on every file system.
    """
    _refuse_unsafe(name)
    path = name if _SUFFIX.search(name) else f"{name}.md"  # `MEMORY` becomes INDEX by this
    _refuse_long(name, path)
    return path


def key(path: str) -> str:
    """The identity of a path: two paths with one key are one file on some file system.

    NFKC and casefold, without the characters that a disk may ignore (Unicode NFKC_Casefold).
    """
    if path.isascii():
        return path.lower()
    folded = unicodedata.normalize("NFD", path).casefold()
    folded = unicodedata.normalize("NFKD", _IGNORABLE.sub("", folded)).casefold()  # ℂ is C is c
    return unicodedata.normalize("NFKC", _IGNORABLE.sub("", folded))


def collision(path: str, existing: Iterable[str]) -> str | None:
    """The existing path that the new `path` would be mixed up with, None if there is none.

    Folders count too: `Notes/x.md` collides with what lies in `notes/`, and a file with a folder
    of its name. The index counts as existing always. What already stands under exactly this
    spelling collides with nothing: a twin that somebody else made must not block its neighbour.
    """
    parts = path.split("/")
    others = [other.split("/") for other in (INDEX, *existing)]
    if parts in others:
        return None
    for depth in range(1, len(parts) + 1):
        here = [other for other in others if other[:depth] == parts[:depth]]
        if not here:
            return _twin("/".join(parts[:depth]), others, depth)
        for other in here:
            if len(other) == depth or len(parts) == depth:  # one is a file, the other a folder
                return "/".join(other)
        others = here
    return None


def _twin(prefix: str, others: list[list[str]], depth: int) -> str | None:
    wanted = key(prefix)
    for other in others:
        if key("/".join(other[:depth])) == wanted:
            return "/".join(other)
    return None


def _refuse_unsafe(name: str) -> None:
    reason = _unsafe_characters(name) or _unsafe_start(name)
    if reason is None:
        for part in name.split("/"):
            reason = reason or _unsafe_component(part)
    if reason is not None:
        raise UnsafePathError(f"{_shown(name)} is not a safe name: {reason}", _HINT)


def _refuse_long(name: str, path: str) -> None:
    if len(path.encode()) > PATH_BYTES:
        raise UnsafePathError(f"{_shown(name)} is longer than {PATH_BYTES} bytes", _HINT)
    if any(len(part.encode()) > COMPONENT_BYTES for part in path.split("/")):
        raise UnsafePathError(
            f"{_shown(name)} has a part longer than {COMPONENT_BYTES} bytes", _HINT
        )


def _unsafe_characters(name: str) -> str | None:
    if not name.strip():
        return "it is empty"
    for char in name:
        if not " " <= char <= "~" and (kind := _INVISIBLE.get(unicodedata.category(char))):
            return f"it holds {kind} (U+{ord(char):04X})"
    normal = unicodedata.normalize("NFKC", name)
    if "\\" in normal:
        return "it holds a backslash"
    if _SLASH_LIKE.search(name) or normal.count("/") != name.count("/"):
        return 'it holds a character that some systems read as "/"'
    if _PERCENT.search(normal):
        return "it holds a percent-encoded character"
    return None


def _unsafe_start(name: str) -> str | None:
    normal = unicodedata.normalize("NFKC", name)
    if normal.startswith("/"):
        return "it is an absolute path"
    if normal.startswith("~"):
        return "it starts with ~, which stands for a home directory"
    if _DRIVE.match(normal):
        return "it starts with a drive letter"
    return None


def _unsafe_component(part: str) -> str | None:
    folded = key(part)
    if not folded.strip():
        return "a part between slashes is empty"
    if ".." in (part, folded):
        return "it climbs out with .."
    if folded.startswith(STATE):
        return f"{STATE} is where the memory keeps its own state"
    if folded.startswith("."):
        return "a part starts with a dot"
    if part != part.strip() or part.endswith("."):
        return "a part starts or ends with a space, or ends with a dot"
    if found := _RESERVED.search(part):
        return f"it holds {found[0]}"
    if is_device(folded):
        return "a part is the name of a Windows device"
    if _SHORT_NAME.fullmatch(folded):
        return "a part looks like a Windows short name, which may stand for another file"
    return None


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else name[:79] + "…")


def is_device(name: str) -> bool:
    """Whether Windows gives the name to a device, with any suffix, in any case and width."""
    return _DEVICE.fullmatch(key(name)) is not None
