"""Moving a topic or renaming a heading, with every link that leads there.

A link keeps its own style: a path stays relative and `./` stays, a bare stem stays a stem, `_`
stays `_`, percent escapes and angle brackets stay. A file's name in the text, plain or in
backticks, becomes a Markdown link where the new name, by its spaces say, would not be read as
one. Before a rename is handed out it is checked: what led to the old place leads to the new one,
and no other link has changed its meaning.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import zip_longest
from urllib.parse import quote, unquote

from agent_memory.core import frontmatter, links, paths
from agent_memory.core import text as texts
from agent_memory.core.anchors import anchor, anchored, anchors
from agent_memory.core.blocks import Block
from agent_memory.core.document import Document
from agent_memory.core.links import Link, Names
from agent_memory.core.paths import INDEX
from agent_memory.core.place import title_key
from agent_memory.core.snapshot import Snapshot
from agent_memory.core.text import Span, Splice
from agent_memory.errors import AmbiguousError, NotFoundError, PolicyError, UnsafePathError

_UNESCAPED = "/-_.~!$'*+,;=:@"
_SPECIAL = re.compile(r"[\\`*\[\]<&]")
_NAMES = ("code", "name")  # links by nothing but a file's name
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
        same = "is there already" if twin == new else f"and {twin} would be one on some systems"
        raise UnsafePathError(f"{new} {same}", "choose another name, or remove that file first")
    if new == old:
        raise PolicyError(f"{old} has that name already", "give another one")
    for path in known:
        if _looks_like(path, new) and not _looks_like(path, old):
            raise UnsafePathError(
                f"{new} and {path} would be one name to a [[wikilink]]",
                "choose a name that differs by more than case, `-`, `_`, spaces or a type prefix",
            )


def _looks_like(path: str, other: str) -> bool:
    """Whether two files of one folder have names that a wikilink takes for one."""
    if posixpath.dirname(path) != posixpath.dirname(other):
        return False
    return links.loose(_stem(path)) == links.loose(_stem(other))


def _followed(snapshot: Snapshot, path: str, old: str, new: str, known: Names) -> str:
    """A file's text with every link to `old` leading to `new`, wherever the file itself goes."""
    document = snapshot.document(path)
    home = new if path == old else path
    targets: list[Splice] = []
    labels: list[Splice] = []
    for link in links.find(snapshot, path, known):
        if link.resolved is None:
            continue
        goal = new if link.resolved == old else link.resolved
        if goal != link.resolved or posixpath.dirname(home) != posixpath.dirname(path):
            written = target_for(link, path, home, goal)
            if written is not None and link.kind in _NAMES and not links.is_name(written):
                targets.append(Splice(link.span, _as_link(link, written, home, goal)))
            elif written is not None:
                spelled = escaped(document, link.target_span, link.kind, written)
                targets.append(Splice(link.target_span, spelled))
                labels += _relabelled(document, link, written)
    taken = [splice.span for splice in targets]
    targets += [
        splice for splice in _outward(document, path, home) if not _meets(splice.span, taken)
    ]
    labels = [splice for splice in labels if not _meets(splice.span, taken)]
    return texts.splice(document.text, targets + labels)


def _meets(span: Span, others: list[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


def _outward(document: Document, path: str, home: str) -> Iterator[Splice]:
    """What a moved file says of pictures and of files outside of the memory, from its new place."""
    if posixpath.dirname(path) == posixpath.dirname(home):
        return
    for inline in document.inlines.found:
        name = unquote(inline.target.partition("#")[0])
        if inline.kind not in ("link", "definition", "image") or not name:
            continue
        if links.leads_elsewhere(name) or name.startswith("/"):
            continue
        if inline.target_span.start == inline.target_span.end:
            continue
        goal = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        written = posixpath.relpath(goal, posixpath.dirname(home) or ".")
        written += "/" * name.endswith("/")
        spelled = escaped(document, inline.target_span, "markdown", written)
        yield Splice(inline.target_span, spelled)


def target_for(link: Link, path: str, home: str, goal: str) -> str | None:
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


def escaped(document: Document, span: Span, kind: str, written: str) -> str:
    """A target as its place in the text needs it: escaped or not, its anchor kept."""
    if kind not in ("markdown", "reference"):
        return written
    place, mark, rest = document.text[span.start : span.end].partition("#")
    angled = document.text[span.start - 1 : span.start] == "<"
    if re.search(r"[#%?&]", written) or (not angled and re.search(r"[\s()<>]|%", written + place)):
        # Within angle brackets a space may stand as it is.
        written = quote(written, safe=_UNESCAPED + " ()" * angled, errors="surrogateescape")
    return written + mark + rest


def _as_link(link: Link, written: str, home: str, goal: str) -> str:
    """The Markdown link, shown as it was, for a mention that cannot say its new name."""
    label = f"`{written}`" if link.kind == "code" else _SPECIAL.sub(r"\\\g<0>", written)
    target = quote(
        posixpath.relpath(goal, posixpath.dirname(home) or "."),
        safe=_UNESCAPED,
        errors="surrogateescape",
    )
    return f"[{label}]({target}{'#' * bool(link.anchor)}{quote(link.anchor)})"


def _relabelled(document: Document, link: Link, written: str) -> Iterator[Splice]:
    """The splice of a link's label, where that was the file's name."""
    angled = document.text[link.target_span.start - 1 : link.target_span.start] == "<"
    label = Span(link.span.start + 1, link.target_span.start - 2 - angled)
    said = document.text[label.start : label.end]
    names = (link.resolved, posixpath.basename(link.resolved or ""))
    if link.kind == "markdown" and said.strip("`") in names:
        base = posixpath.basename(written) if "/" not in said else written
        yield Splice(label, said.replace(said.strip("`"), base))


def _renamed_inside(text: str, old: str, new: str) -> str:
    """The moved file; its front matter's `name` follows where it was the stem."""
    front = frontmatter.split(text)
    if front is None or frontmatter.values(front.raw).data.get("name") != _stem(old):
        return text
    try:
        return frontmatter.with_value(text, "name", _stem(new))
    except PolicyError:
        return text


def _check(before: Snapshot, after: Snapshot, old: str, new: str) -> None:
    """What led to `old` leads to `new`, and nothing else leads anywhere else than before.

    What led nowhere, or to several files, may find its file by the new name.
    """
    known = links.names(before), links.names(after)
    stuck: list[tuple[str, str]] = []
    for path in before.files:
        home = new if path == old else path
        was = links.resolutions(before.document(path), known[0])
        now = links.resolutions(after.document(home), known[1])
        for (mention, target), (other, goal) in zip_longest(was, now, fillvalue=(None, None)):
            lost = len(was) > len(now) and mention and (not other or other.kind != mention.kind)
            if target is not None and (lost or goal != (new if target == old else target)):
                line, said = (mention.line, mention.target) if mention else (1, "")
                stuck.append((f"{path}:{line}", said))
    if stuck:
        (place, said), *more = stuck
        others = f", nor those at {', '.join(other for other, _ in more)}" if more else ""
        raise PolicyError(
            f"{place}: the link to {said} could not follow to {new}{others}",
            "choose a name that no other file resembles, or change what is there first",
        )


def notices(before: Snapshot, after: Snapshot, old: str, new: str) -> Iterator[str]:
    """What a rename did to links besides their target, in words, with file and line."""
    known = links.names(before), links.names(after)
    for path in before.files:
        home = new if path == old else path
        was = links.resolutions(before.document(path), known[0])
        now = links.resolutions(after.document(home), known[1])
        if len(was) != len(now):
            continue  # a new name stands where none was read before: nothing to compare
        for (mention, target), (other, goal) in zip(was, now, strict=True):
            if target is None and goal is not None:
                yield f"{home}:{other.line}: the link to {other.target} leads to {goal} now"
            elif mention.kind in _NAMES and other.kind == "markdown":
                yield f"{home}:{other.line}: {mention.target} is a Markdown link to {goal} now"


def rename_heading(snapshot: Snapshot, path: str, old: str, new: str) -> Snapshot:
    """The snapshot with a heading renamed, and every anchor that leads to it.

    Raises:
        NotFoundError: the file has no such heading.
        AmbiguousError: it has several.
        PolicyError: the new text would not be one heading.
    """
    document = snapshot.document(path)
    heading = _heading(document, old)
    if _is_taken(document, heading, new):
        raise PolicyError(
            f"{path} has a heading “{texts.shorten(new, 60)}” already",
            "choose another one: anchors could not tell them apart",
        )
    lines = document.lines
    old_text = "".join(lines[heading.start : heading.end])
    words = r"\s+".join(map(re.escape, heading.title.split()))
    text = re.sub(words, lambda _: new, old_text, count=1) if words else ""
    text = "".join([*lines[: heading.start], text, *lines[heading.end :]])
    titles = [new if other is heading else other.title for other in document.headings]
    if not new or [other.title for other in Document(path, text).headings] != titles:
        raise PolicyError(
            f"{path}:{heading.start + 1}: “{texts.shorten(new, 60)}” would not be one heading",
            "give one line of plain words",
        )
    renamed = snapshot.with_files({**snapshot.files, path: texts.encode(text)})
    return _with_anchors(renamed, document)


def _is_taken(document: Document, heading: Block, new: str) -> bool:
    """Whether another heading has this text already, or the anchor that it would get."""
    wanted = anchor(new)
    numbered = zip(document.headings, anchors(document), strict=True)
    others = [(other, name) for other, name in numbered if other is not heading]
    if any(title_key(other.title) == title_key(new) for other, _ in others):
        return True
    return wanted not in ("", anchor(heading.title)) and any(name == wanted for _, name in others)


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


def _with_anchors(snapshot: Snapshot, before: Document) -> Snapshot:
    """The snapshot with each link to a heading of `before` leading to the heading that it meant.

    That is the renamed one, and every one whose number it had or has among equal anchors.
    """
    known = links.names(snapshot)
    files = dict(snapshot.files)
    for source in snapshot.files:
        document = snapshot.document(source)
        splices: list[Splice] = []
        for link in anchored(document, known):
            if link.goal == before.path:
                now = snapshot.document(before.path)
                splices += _respelled_anchor(document, link.anchor, before, now)
        if splices:
            files[source] = texts.encode(texts.splice(document.text, splices))
    return snapshot.with_files(files)


def _respelled_anchor(
    document: Document, span: Span, before: Document, now: Document
) -> Iterator[Splice]:
    """The splice for an anchor, a renderer's or in the heading's words, that is another now."""
    written = document.text[span.start : span.end]
    said = unquote(written)
    was, titles = anchors(before), [title_key(heading.title) for heading in before.headings]
    if said in was:
        spelled = anchors(now)[was.index(said)]
        if spelled != said:
            yield Splice(span, quote(spelled) if "%" in written else spelled)
    elif title_key(said) in titles:
        title = now.headings[titles.index(title_key(said))].title
        if title_key(title) != title_key(said):
            yield Splice(span, title)
