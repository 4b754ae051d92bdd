"""The topics that moved lines make: what they are called, and what stands in them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from agent_memory.core import links, rows
from agent_memory.core import text as texts
from agent_memory.core.document import Document, bullet
from agent_memory.core.overflow import Chunk
from agent_memory.core.paths import INDEX, key
from agent_memory.core.snapshot import Snapshot

_MOST = 64  # bytes of a file name without its suffix: easy to read, and within every limit
_OWN = 32  # of them at most for the name of the topic that is split


def free_path(snapshot: Snapshot, path: str, title: str) -> str:
    """A file name beside `path` that nothing has, and that no link could take for its target."""
    known = links.names(snapshot)
    taken = {key(other) for other in known.paths}
    folder = posixpath.dirname(path)
    stem = free = _stem(path, title)
    number = 1
    while key(posixpath.join(folder, f"{free}.md")) in taken or links.loose(free) in known.loose:
        number += 1
        free = f"{stem}-{number}"
    return posixpath.join(folder, f"{free}.md")


def _stem(path: str, title: str) -> str:
    """The name for a section of a file: after the file too, but no words twice in a row."""
    words = texts.slug(title)
    if path == INDEX:
        return _cut(words, _MOST)
    own = _cut(posixpath.splitext(posixpath.basename(path))[0], _OWN)
    said, new = re.split(r"[-_ ]+", own.casefold()), words.split("-")
    twice = max(n for n in range(len(new) + 1) if new[:n] == said[len(said) - n :] or not n)
    rest = "-".join(new[twice:])
    return _cut(f"{own}-{rest}" if rest else own, _MOST)


def _cut(name: str, most: int) -> str:
    """The name cut to so many bytes, at a word's end where it has one."""
    while len(texts.encode(name)) > most:
        head = re.sub(r"[-_ ]+[^-_ ]*$", "", name)
        name = head if head != name else name[:-1]
    return name.rstrip("-_ ")


def text(old: str, path: str, source: Document, group: Sequence[Chunk]) -> str:
    """The topic `old` with the group's lines at its end; a new topic gets front matter first."""
    ending = texts.ending(source.text)
    if old:
        parts = [old if old.endswith(("\n", "\r")) else old + ending]
    else:
        head = rows.new_topic(path, group[0].title, _description(source, group[0]), ending)
        # A whole section brings its own heading, unchanged.
        if group[0].whole and not group[0].shared:
            parts = [head.rsplit("# ", 1)[0]]
        elif group[0].shared:
            parts = [head]
        else:
            parts = [head.replace(f"{ending}# ", f"{ending}## ")]
    for chunk in group:
        piece = "".join(source.lines[chunk.start : chunk.end]).strip("\r\n")
        both_items = bullet(piece) and _ends_in_item(parts[-1])
        if parts[-1].strip() and not parts[-1].endswith(ending * 2) and not both_items:
            parts.append(ending)
        parts.append(piece + ending)
    return "".join(parts)


def _description(source: Document, chunk: Chunk) -> str:
    """What a new topic says of itself: of a topic's piece, whose it is.

    That is the only word on it: a link back would be one more entry, which nobody wrote.
    """
    if source.path == INDEX:
        return rows.hook(chunk.title)
    whole = source.title or rows.title_of(source.path)
    title = texts.shorten(chunk.title, 60)
    return f"{title}, a part of {texts.shorten(whole, 60)} ({posixpath.basename(source.path)})"


def _ends_in_item(piece: str) -> bool:
    """Whether a list item can follow `piece` with no blank line between."""
    last = piece.rstrip("\r\n").splitlines()[-1:] or [""]
    return bool(bullet(last[0]) or last[0].startswith(("  ", "\t")))
