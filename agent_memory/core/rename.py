"""Moving a topic or renaming a heading, with every link that leads there.

A link keeps its own style: a path stays relative and `./` stays, a bare stem stays a stem, `_`
stays `_`, percent escapes and angle brackets stay. Before a rename is handed out it is checked:
what led to the old place leads to the new one, and no other link has changed its meaning.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote

from agent_memory.core import frontmatter, links, paths
from agent_memory.core import text as texts
from agent_memory.core.document import Block, Document
from agent_memory.core.links import Link, Names
from agent_memory.core.paths import INDEX
from agent_memory.core.place import title_key
from agent_memory.core.snapshot import Snapshot
from agent_memory.core.text import Span, Splice
from agent_memory.errors import AmbiguousError, NotFoundError, PolicyError, UnsafePathError

_SUFFIX = re.compile(r"\.(?:md|markdown)$", re.IGNORECASE)


def rename(snapshot: Snapshot, old: str, new: str) -> Snapshot:
    """The snapshot with the topic `old` at the path `new`.

    Raises:
        UnsafePathError: something has that name already, or one that some systems take for it.
        PolicyError: the index keeps its name, or a link could not be made to follow.
    """
    _allow(snapshot, old, new)
    before = links.names(snapshot)
    files = {path: _followed(snapshot, path, old, new, before) for path in snapshot.files}
    files[new] = _renamed_inside(files.pop(old), old, new)
    after = snapshot.with_files({path: texts.encode(text) for path, text in files.items()})
    _check(snapshot, after, old, new)
    return after


def _allow(snapshot: Snapshot, old: str, new: str) -> None:
    if INDEX in (old, new):
        raise PolicyError(f"{INDEX} is the index and keeps its name", "move a topic instead")
    known = [path for path in snapshot.files if path != old]
    known += [skipped.path for skipped in snapshot.skipped]
    twin = new if new in known else paths.collision(new, known)
    if twin is not None:
        raise UnsafePathError(
            f"{new} cannot be used: {twin} has that name, or one that some systems take for it",
            "choose another name, or remove that file first",
        )
    if new == old:
        raise PolicyError(f"{old} has that name already", "give another one")


def _followed(snapshot: Snapshot, path: str, old: str, new: str, known: Names) -> str:
    """A file's text with every link to `old` leading to `new`, wherever the file itself goes."""
    document = snapshot.document(path)
    home = new if path == old else path
    splices: list[Splice] = []
    for link in links.find(snapshot, path, known):
        if link.resolved is None:
            continue
        goal = new if link.resolved == old else link.resolved
        if goal != link.resolved or posixpath.dirname(home) != posixpath.dirname(path):
            written = _written(link, path, home, goal)
            if written is not None:
                splices += _respelled(document, link, written)
    return texts.splice(document.text, splices)


def _written(link: Link, path: str, home: str, goal: str) -> str | None:
    """The target as the link's own style spells `goal`; None where it needs no change."""
    old = link.resolved or ""
    said = link.target
    suffix = _SUFFIX.search(said)
    goal_stem = goal if suffix else _SUFFIX.sub("", goal)
    relative = posixpath.normpath(posixpath.join(posixpath.dirname(path), said))
    if relative in (old, _SUFFIX.sub("", old)) and (
        "/" in said or link.kind in ("markdown", "reference")
    ):
        result = posixpath.relpath(goal_stem, posixpath.dirname(home) or ".")
        return f"./{result}" if said.startswith("./") and not result.startswith("../") else result
    if posixpath.normpath(said) in (old, _SUFFIX.sub("", old)):
        return goal_stem
    if old == goal:  # the link names the file, and does not say where it is
        return None
    stem, own = _stem(old), _stem(said)
    if own == stem:
        return posixpath.basename(goal_stem)
    if links.loose(own) == links.loose(stem):
        return _in_style(own, posixpath.basename(goal_stem))
    return None  # by the front matter's name, which says what it said before


def _stem(path: str) -> str:
    return _SUFFIX.sub("", posixpath.basename(path))


def _in_style(model: str, name: str) -> str:
    """`name` with the word separator that `model` uses."""
    mark = next((mark for mark in "_ -" if mark in model), "")
    return re.sub(r"[-_ ]", mark, name) if mark else name


def _respelled(document: Document, link: Link, written: str) -> Iterator[Splice]:
    """The splices that give a link its new target, and its label where that was the file's name."""
    raw = document.text[link.target_span.start : link.target_span.end]
    place, anchor, rest = raw.partition("#")
    angled = document.text[link.target_span.start - 1 : link.target_span.start] == "<"
    if link.kind in ("markdown", "reference"):
        escaped = "%" in place or not (angled or re.fullmatch(r"[^\s()<>]*", written))
        written = quote(written, safe="/-_.~!$&'*+,;=:@") if escaped and not angled else written
    yield Splice(link.target_span, written + anchor + rest if link.kind != "wikilink" else written)
    label = Span(link.span.start + 1, link.target_span.start - 2 - angled)
    names = (link.resolved, posixpath.basename(link.resolved or ""))
    said = document.text[label.start : label.end]
    if link.kind == "markdown" and said.strip("`") in names:
        base = posixpath.basename(written) if "/" not in said else written
        yield Splice(label, said.replace(said.strip("`"), base))


def _renamed_inside(text: str, old: str, new: str) -> str:
    """The moved file; its front matter's `name` follows where it was the stem."""
    front = frontmatter.split(text)
    if front is None or frontmatter.values(front.raw).data.get("name") != _stem(old):
        return text
    match = re.search(
        rf"^(name:[ \t]*[\"']?){re.escape(_stem(old))}([\"']?[ \t]*(?:#.*)?)$",
        front.raw,
        re.MULTILINE,
    )
    if match is None:
        return text
    start = text.index(front.raw, front.span.start)
    span = Span(start + match.end(1), start + match.start(2))
    return texts.splice(text, [Splice(span, _stem(new))])


def _check(before: Snapshot, after: Snapshot, old: str, new: str) -> None:
    """What led to `old` leads to `new`, and nothing else leads anywhere else than before."""
    moved: dict[str | None, str] = {old: new}
    now = Counter((link.source, link.resolved) for link in links.find_all(after))
    for link in links.find_all(before):
        place = (moved.get(link.source, link.source), moved.get(link.resolved, link.resolved or ""))
        now[place[0], place[1] or None] -= 1
        if now[place[0], place[1] or None] < 0:
            raise PolicyError(
                f"{link.source}:{link.line}: the link to {link.target} could not follow to {new}",
                "choose a name that no other file resembles, or change that link first",
            )


def rename_heading(snapshot: Snapshot, path: str, old: str, new: str) -> Snapshot:
    """The snapshot with a heading renamed, and every anchor that leads to it.

    Raises:
        NotFoundError: the file has no such heading.
        AmbiguousError: it has several.
        PolicyError: the new text would not be one heading.
    """
    document = snapshot.document(path)
    heading = _heading(document, old)
    line = document.lines[heading.start]
    words = heading.title.split()
    start = line.index(words[0]) if words else len(texts.bare(line))
    end = line.rindex(words[-1]) + len(words[-1]) if words else start
    edited = [*document.lines]
    edited[heading.start] = line[:start] + new + line[end:]
    text = "".join(edited)
    titles = [new if other is heading else other.title for other in document.headings]
    if [other.title for other in Document(path, text).headings] != titles:
        raise PolicyError(
            f"{path}:{heading.start + 1}: “{texts.shorten(new, 60)}” would not be one heading",
            "give one line of plain words",
        )
    renamed = snapshot.with_files({**snapshot.files, path: texts.encode(text)})
    return _with_anchors(renamed, path, heading.title, new)


def _heading(document: Document, title: str) -> Block:
    """The one heading with this text, case and white space aside."""
    wanted = title_key(title)
    found = [heading for heading in document.headings if title_key(heading.title) == wanted]
    if not found:
        close = tuple(heading.title for heading in document.headings)
        raise NotFoundError(
            f"{document.path} has no heading “{texts.shorten(title, 60)}”",
            "these are its headings",
            close,
        )
    if len(found) > 1:
        places = tuple(f"{document.path}:{head.start + 1}  {head.title}" for head in found)
        raise AmbiguousError(
            f"{document.path} has {len(found)} headings “{texts.shorten(title, 60)}”",
            "tell them apart in an editor first",
            places,
        )
    return found[0]


def _with_anchors(snapshot: Snapshot, path: str, old: str, new: str) -> Snapshot:
    known = links.names(snapshot)
    files = dict(snapshot.files)
    for source in snapshot.files:
        document = snapshot.document(source)
        splices: list[Splice] = []
        for link in links.find(snapshot, source, known):
            if link.resolved == path and link.anchor:
                splices += _anchor_splice(document, link, old, new)
        splices += _own_anchors(document, old, new) if source == path else []
        files[source] = texts.encode(texts.splice(document.text, splices))
    return snapshot.with_files(files)


def _anchor_splice(document: Document, link: Link, old: str, new: str) -> list[Splice]:
    text = document.text[link.span.start : link.span.end]
    start = text.find("#" + link.anchor, link.target_span.start - link.span.start)
    if start < 0:
        return []
    span = Span(link.span.start + start + 1, link.span.start + start + 1 + len(link.anchor))
    if link.anchor == anchor(old):
        return [Splice(span, anchor(new))]
    return [Splice(span, new)] if link.anchor.strip().casefold() == old.casefold() else []


def _own_anchors(document: Document, old: str, new: str) -> list[Splice]:
    """Links such as `[see](#old)` within the file itself."""
    return [
        Splice(inline.target_span, "#" + anchor(new))
        for inline in document.inlines.found
        if inline.kind in ("link", "definition") and inline.target == "#" + anchor(old)
    ]


def anchor(title: str) -> str:
    """The anchor that renderers make of a heading: lower case, words joined by `-`.

    As GitHub does it: letters, digits, `-` and `_` stay, spaces become `-`, the rest goes.
    """
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
