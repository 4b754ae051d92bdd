"""Links between the files of a memory: what points where, and what can be reached.

People link in five ways: `[text](file.md)`, `[[wikilink]]`, reference definitions, a file name in
backticks, and a plain file name. All five count for reachability; only Markdown links, references
and wikilinks are promises, so only they can be broken or dangling.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

from agent_memory.core.budget import Budget, kept
from agent_memory.core.document import Document
from agent_memory.core.inline import Inline, Run
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot, parsed
from agent_memory.core.text import Span, encode

LinkKind = Literal["markdown", "reference", "wikilink", "code", "name"]
LinkStatus = Literal["ok", "broken", "dangling", "ambiguous"]

_WIKILINK = re.compile(r"(?<!\\)\[\[([^\[\]|#\n]*)(#[^\[\]|\n]*)?(\|[^\[\]\n]*)?\]\]")
_NAME = re.compile(
    r"(?<![\w/.\-\\~])((?:\.{1,2}/)*[\w][\w.\-/]*\.(?:md|markdown))(?![\w\-/])", re.IGNORECASE
)
_ROW = re.compile(
    r"(?:\|[ ]*)*(?:\*\*|__|→|->|[Ss]ee:?)?[ ]*"  # the first cells of a table's row may be empty
    r"(?:\[[^\]\n]*\]\(\s*<?([^)>\n]*)|\[\[|`[^`\n]+\.(?:md|markdown)(?:#[^`\n]*)?`"
    r"|[\w./-]+\.(?:md|markdown)\b)"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:|//")
_NOWHERE = Span(0, 0)
_TYPE_PREFIX = re.compile(r"^(?:user|feedback|project|reference|topic)-(?=.)")


@dataclass(frozen=True, slots=True)
class Link:
    """One mention of a file of the memory.

    `target` is what the text says, its `#anchor` left out; `resolved` is the file that is meant,
    None unless the status is `ok` (a path that begins with `../` lies in another memory of the
    project). `line` counts from 1; `span` is the whole link and `target_span` the target as
    written, in characters of the file's text.
    """

    source: str
    line: int
    target: str
    kind: LinkKind
    status: LinkStatus
    resolved: str | None = None
    anchor: str = ""
    span: Span = _NOWHERE
    target_span: Span = _NOWHERE


@dataclass(frozen=True, slots=True)
class Mention:
    """What a file's text says, before anybody knows what it means."""

    kind: LinkKind
    line: int
    target: str
    anchor: str
    span: Span
    target_span: Span


@dataclass(frozen=True, slots=True)
class Names:
    """The names under which each file of a snapshot can be meant.

    `outside` holds the files of the project's other memories, as paths from this one.
    """

    paths: frozenset[str]
    exact: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loose: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outside: frozenset[str] = frozenset()

    @property
    def folders(self) -> set[str]:
        """The folders of the project's other memories, as far as files are in them."""
        return {posixpath.dirname(path) for path in self.outside}


def names(snapshot: Snapshot, outside: frozenset[str] = frozenset()) -> Names:
    """Every file's path, stem and front matter `name`, as written and normalised."""
    exact: dict[str, list[str]] = {}
    similar: dict[str, list[str]] = {}
    for path in sorted(snapshot.files):
        stem = posixpath.splitext(path)[0]
        for name in {stem, posixpath.basename(stem), _declared_name(snapshot, path)} - {""}:
            exact.setdefault(name, []).append(path)
            if path not in similar.setdefault(loose(name), []):
                similar[loose(name)].append(path)
    return Names(
        frozenset(snapshot.files) | {skipped.path for skipped in snapshot.skipped},
        {name: tuple(found) for name, found in exact.items()},
        {name: tuple(found) for name, found in similar.items()},
        outside,
    )


def _declared_name(snapshot: Snapshot, path: str) -> str:
    value = snapshot.document(path).properties.get("name")
    return value.strip() if isinstance(value, str) else ""


def loose(name: str) -> str:
    """A name with `_`, space and `-` made one, case folded and a type prefix taken off."""
    return _TYPE_PREFIX.sub("", re.sub(r"[\s_\-]+", "-", name.casefold().strip()))


def find(snapshot: Snapshot, path: str, known: Names) -> list[Link]:
    """The links in one file, in order."""
    return _links(snapshot.document(path), known)


def find_all(snapshot: Snapshot, known: Names | None = None) -> list[Link]:
    """The links of every file, the index first."""
    known = known or names(snapshot)
    paths = [INDEX, *snapshot.topics] if INDEX in snapshot.files else snapshot.topics
    return [link for path in paths for link in find(snapshot, path, known)]


def reachable(snapshot: Snapshot, budget: Budget, known: Names | None = None) -> set[str]:
    """The topics that lead, link by link, from the part of the index that a runner loads."""
    known = known or names(snapshot)
    seen = {INDEX}
    waiting = [parsed(INDEX, encode(kept(snapshot.text(INDEX), budget)))]
    while waiting:
        for link in _links(waiting.pop(), known):
            target = link.resolved
            if target is not None and target not in seen:
                seen.add(target)
                waiting.append(snapshot.document(target))
    return (seen & set(snapshot.files)) - {INDEX}


def is_row(text: str) -> bool:
    """Whether an entry's text is a link row: it begins with a link to a file of the memory."""
    match = _ROW.match(text)
    return match is not None and not leads_elsewhere(match[1] or "")


@lru_cache(maxsize=512)
def mentions(document: Document) -> tuple[Mention, ...]:
    """Everything in a file that looks like a link to a file, in order."""
    inlines = document.inlines
    found: list[Mention] = []
    labels = Span(0, 0)  # the link that we are in: what its label says, it says itself
    for inline in inlines.found:
        if inline.kind in ("link", "reference"):
            labels = inline.span
        if inline.kind != "code" or inline.span.start >= labels.end:
            found += _mention(document, inline)
    for run in inlines.runs:
        found += _in_prose(run)
    return tuple(sorted(found, key=lambda mention: mention.span))


def _mention(document: Document, inline: Inline) -> Iterator[Mention]:
    if inline.kind in ("link", "definition") and inline.target_span.start < inline.target_span.end:
        kind: LinkKind = "markdown" if inline.kind == "link" else "reference"
        name, _, anchor = inline.target.partition("#")
        place = inline.span, inline.target_span
        yield Mention(kind, inline.line, unquote(name), unquote(anchor), *place)
    elif inline.kind == "code" and is_name(inline.target.strip()):
        name, _, anchor = inline.target.strip().partition("#")
        start = document.text.index(name, inline.span.start)
        place = inline.span, Span(start, start + len(name))
        yield Mention("code", inline.line, name, anchor, *place)


def is_name(text: str) -> bool:
    """Whether a text is a Markdown file's name, perhaps with an anchor, and nothing else."""
    return _NAME.fullmatch(text.partition("#")[0]) is not None


def _in_prose(run: Run) -> Iterator[Mention]:
    """Wikilinks and plain names in a run, outside of what Markdown took."""
    if "[[" not in run.content and "." not in run.content:
        return
    text = run.prose
    for match in _WIKILINK.finditer(text):
        anchor = (match[2] or "")[1:]
        if match[1].strip():
            name = _stripped(match, 1)
            yield _placed(run, "wikilink", match[1].strip(), anchor, Span(*match.span()), name)
    text = _WIKILINK.sub(lambda match: " " * len(match[0]), text)
    for match in _NAME.finditer(text):
        yield _placed(run, "name", match[1], "", Span(*match.span(1)), Span(*match.span(1)))


def _stripped(match: re.Match[str], group: int) -> Span:
    start = match.start(group) + len(match[group]) - len(match[group].lstrip())
    return Span(start, start + len(match[group].strip()))


def _placed(run: Run, kind: LinkKind, name: str, anchor: str, span: Span, target: Span) -> Mention:
    whole = Span(run.source(span.start), run.source(span.end - 1) + 1)
    inner = Span(run.source(target.start), run.source(target.end - 1) + 1)
    return Mention(kind, run.line_at(span.start), name, anchor, whole, inner)


def _links(document: Document, known: Names) -> list[Link]:
    found = (_resolve(document.path, mention, known) for mention in mentions(document))
    return [link for link in found if link is not None]


def resolutions(document: Document, known: Names) -> list[tuple[Mention, str | None]]:
    """Everything in a file that looks like a link, each with the one file that it means."""
    found = [(mention, _resolve(document.path, mention, known)) for mention in mentions(document)]
    return [(mention, link.resolved if link else None) for mention, link in found]


def leads_elsewhere(target: str) -> bool:
    """Whether a target is an address with a scheme or a host, and no path."""
    return _SCHEME.match(target) is not None


def _resolve(path: str, mention: Mention, known: Names) -> Link | None:
    """The link that a mention is; None for what leads elsewhere or is only talk."""
    if not mention.target or (mention.kind != "wikilink" and leads_elsewhere(mention.target)):
        return None

    def link(status: LinkStatus, resolved: str | None = None) -> Link:
        return Link(
            path, mention.line, mention.target, mention.kind, status, resolved,
            mention.anchor, mention.span, mention.target_span,
        )  # fmt: skip

    relative = posixpath.normpath(posixpath.join(posixpath.dirname(path), mention.target))
    if relative in known.outside:
        return link("ok", relative)
    found = candidates(path, mention.target, known)
    if len(found) == 1:
        return link("ok", found[0])
    if found:
        return link("ambiguous")
    if mention.kind == "wikilink":
        return link("dangling")
    promised = mention.kind in ("markdown", "reference") and _is_markdown(mention.target)
    if not promised or mention.target.startswith("/"):
        return None
    # What leads out of the memory is no link of ours, unless another memory has files there.
    is_ours = not relative.startswith("..") or posixpath.dirname(relative) in known.folders
    return link("broken") if is_ours else None


def _is_markdown(name: str) -> bool:
    return name.casefold().endswith((".md", ".markdown"))


def candidates(path: str, name: str, known: Names) -> tuple[str, ...]:
    """The files that `name`, said in `path`, can mean: by path, by stem or name, then loosely.

    A name with a folder in it says where the file is: it means no file of the same name
    elsewhere, and none of this memory where it leads out of it.
    """
    relative = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
    if name.startswith("/") or relative.startswith(".."):
        return ()
    for exact in (relative, f"{relative}.md", posixpath.normpath(name)):
        if exact in known.paths:
            return (exact,)
    says_where = "/" in name.removeprefix("./")
    stem = relative if says_where else posixpath.basename(name)
    if _is_markdown(stem):
        stem = posixpath.splitext(stem)[0]
    return known.exact.get(stem) or known.loose.get(loose(stem)) or ()
