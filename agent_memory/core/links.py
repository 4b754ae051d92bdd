"""Links between the files of a memory: what points where, and what can be reached.

People link in five ways: `[text](file.md)`, `[[wikilink]]`, reference definitions, a file name in
backticks, and a plain file name. All five count for reachability; only the first two are
promises, so only they can be broken or dangling.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from agent_memory.core import frontmatter
from agent_memory.core import text as texts
from agent_memory.core.budget import Budget, kept
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot, parsed

LinkKind = Literal["markdown", "reference", "wikilink", "code", "name"]
LinkStatus = Literal["ok", "broken", "dangling", "ambiguous"]

_FENCE = re.compile(r"\s*(?:[-*+>]\s+)*(`{3,}(?=[^`]*$)|~{3,})")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_INLINE = re.compile(
    r"\]\(\s*(?:<([^<>\n]*)>|([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*))(?:\s+[\"'(][^\n]*?)?\s*\)"
)
_REFERENCE = re.compile(r" {0,3}\[[^\]\n]+\]:\s+(?:<([^<>\n]*)>|(\S+))")
_WIKILINK = re.compile(r"\[\[([^\[\]|#\n]+)(?:#[^\[\]|\n]*)?(?:\|[^\[\]\n]*)?\]\]")
_NAME = re.compile(
    r"(?<![\w/.\-\\~])((?:\.{1,2}/)*[\w][\w.\-/]*\.(?:md|markdown))(?![\w\-/])", re.IGNORECASE
)
_ROW = re.compile(
    r"(?:\*\*|__|→|->|[Ss]ee:?)?[ ]*"
    r"(?:\[[^\]\n]*\]\(\s*<?([^)>\n]*)|\[\[|`[^`\n]+\.(?:md|markdown)`|[\w./-]+\.(?:md|markdown)\b)"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:|//")
_TYPE_PREFIX = re.compile(r"^(?:user|feedback|project|reference|topic)-(?=.)")


@dataclass(frozen=True, slots=True)
class Link:
    """One mention of a file of the memory.

    `target` is what the text says, `resolved` the file that is meant, None unless the status
    is `ok`; `line` counts from 1.
    """

    source: str
    line: int
    target: str
    kind: LinkKind
    status: LinkStatus
    resolved: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """The names under which each file of a snapshot can be meant."""

    paths: frozenset[str]
    exact: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loose: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def names(snapshot: Snapshot) -> Names:
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
    )


def _declared_name(snapshot: Snapshot, path: str) -> str:
    front = frontmatter.split(snapshot.text(path))
    if front is None:
        return ""
    value = frontmatter.values(front.raw).data.get("name")
    return value.strip() if isinstance(value, str) else ""


def loose(name: str) -> str:
    """A name with `_`, space and `-` made one, case folded and a type prefix taken off."""
    return _TYPE_PREFIX.sub("", re.sub(r"[\s_\-]+", "-", name.casefold().strip()))


def find(snapshot: Snapshot, path: str, known: Names) -> list[Link]:
    """The links in one file, in order."""
    return list(_find(path, snapshot.text(path), known))


def find_all(snapshot: Snapshot) -> list[Link]:
    """The links of every file, the index first."""
    known = names(snapshot)
    paths = [INDEX, *snapshot.topics] if INDEX in snapshot.files else snapshot.topics
    return [link for path in paths for link in _find(path, snapshot.text(path), known)]


def reachable(snapshot: Snapshot, budget: Budget, known: Names | None = None) -> set[str]:
    """The topics that lead, link by link, from the part of the index that a runner loads."""
    known = known or names(snapshot)
    seen = {INDEX}
    waiting = [(INDEX, kept(snapshot.text(INDEX), budget))]
    while waiting:
        path, text = waiting.pop()
        for link in _find(path, text, known):
            target = link.resolved
            if target is not None and target not in seen:
                seen.add(target)
                waiting.append((target, snapshot.text(target)))
    return (seen & set(snapshot.files)) - {INDEX}


def is_row(text: str) -> bool:
    """Whether an entry's text is a link row: it begins with a link to a file of the memory."""
    match = _ROW.match(text)
    return match is not None and not _SCHEME.match(match[1] or "")


def _find(path: str, text: str, known: Names) -> Iterator[Link]:
    code = _code_lines(path, text) if "```" in text or "~~~" in text else frozenset[int]()
    for number, line in enumerate(texts.lines(text), 1):
        if number in code:
            continue
        if "]" in line or ".md" in line.casefold() or ".markdown" in line.casefold():
            for kind, target in _targets(line):
                link = _resolve(path, number, kind, target, known)
                if link is not None:
                    yield link


def _code_lines(path: str, text: str) -> frozenset[int]:
    """The lines of fenced code, counted from 1; where a fence ends is for Markdown to say."""
    document = parsed(path, texts.encode(text))
    found: set[int] = set()
    for block in document.blocks:
        inside = document.lines[block.start : block.end]
        if block.kind == "fence" and _FENCE.match(texts.bare(inside[0])):
            found.update(range(block.start + 1, block.end + 1))
        elif block.kind in ("item", "quote"):
            found.update(block.start + number for number in _nested_code(inside))
    return frozenset(found)


def _nested_code(lines: Sequence[str]) -> Iterator[int]:
    """The lines of code, from 1, within a list item or a quotation."""
    fence = ""
    for number, line in enumerate(lines, 1):
        if fence:
            stripped = line.strip(" \t>\r\n")
            if len(stripped) >= len(fence) and set(stripped) == {fence[0]}:
                fence = ""
            yield number
        elif mark := _FENCE.match(texts.bare(line)):
            fence = mark[1]
            yield number


def _targets(line: str) -> Iterator[tuple[LinkKind, str]]:
    """The link targets of a line, of every kind; what one kind took no other sees."""
    code: list[str] = []

    def mask(match: re.Match[str]) -> str:
        code.append(match[2].strip())
        return " " * len(match[0])

    line = _CODE.sub(mask, line)
    reference = _REFERENCE.match(line)
    if reference:
        yield "reference", reference[1] or reference[2]
        return
    for match in _INLINE.finditer(line):
        yield "markdown", match[1] or match[2] or ""
    line = _INLINE.sub(lambda match: " " * len(match[0]), line)
    for match in _WIKILINK.finditer(line):
        yield "wikilink", match[1].strip()
    line = _WIKILINK.sub(lambda match: " " * len(match[0]), line)
    for name in code:
        if _NAME.fullmatch(name):
            yield "code", name
    for match in _NAME.finditer(line):
        yield "name", match[1]


def _resolve(path: str, line: int, kind: LinkKind, target: str, known: Names) -> Link | None:
    """The link that a target is; None for what leads elsewhere or is only a mention."""
    name = target.partition("#")[0] if kind != "wikilink" else target
    if not name or _SCHEME.match(name):
        return None
    found = _candidates(path, unquote(name) if kind in ("markdown", "reference") else name, known)
    if len(found) == 1:
        return Link(path, line, target, kind, "ok", found[0])
    if found:
        return Link(path, line, target, kind, "ambiguous")
    if kind == "wikilink":
        return Link(path, line, target, kind, "dangling")
    promised = kind in ("markdown", "reference") and name.casefold().endswith((".md", ".markdown"))
    inside = not posixpath.normpath(posixpath.join(posixpath.dirname(path), name)).startswith("..")
    return Link(path, line, target, kind, "broken") if promised and inside else None


def _candidates(path: str, name: str, known: Names) -> tuple[str, ...]:
    """The files that `name` can mean: by path, then by stem or name, then loosely."""
    relative = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
    for exact in (relative, f"{relative}.md", posixpath.normpath(name)):
        if exact in known.paths:
            return (exact,)
    stem = posixpath.basename(name)
    if stem.casefold().endswith((".md", ".markdown")):
        stem = posixpath.splitext(stem)[0]
    return known.exact.get(stem) or known.loose.get(loose(stem)) or ()
