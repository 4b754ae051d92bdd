"""Keeping the index up: rows for topics out of reach, rows without a topic, rows that are too long.

Prose is never touched, only link rows; a shortened row's full text goes into its topic.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from agent_memory.core import links, place, rows, secrets, tables
from agent_memory.core import text as texts
from agent_memory.core.blocks import Block
from agent_memory.core.budget import Budget
from agent_memory.core.compact import Moved
from agent_memory.core.document import Document, normalised
from agent_memory.core.inline import Inline
from agent_memory.core.links import Link, LinkStatus, Names
from agent_memory.core.overflow import Rules
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot

LONG_ROW = 200  # characters; beyond this a row tells what its topic should
SHORT_ROW = 150
LOST: Mapping[str, LinkStatus] = {"LN001": "broken", "LN003": "dangling"}
"""The findings whose rows may be those of deleted topics, and the links that they are about."""
_SENTENCE = re.compile(r"(.+?(?:[.!?](?=\s|$)|[。！？]))", re.DOTALL)
_STYLE = re.compile(r"(?P<bold>\*\*\[[^\[])|(?P<wiki>\[\[)|(?P<code>`)|(?P<link>\[)")
_PLAIN = re.compile(r"\w[\w./-]*\.md")
_SUFFIXES = (".md", ".markdown")
_FROM_INDEX = "From the index"


def long_rows(index: Document) -> list[Block]:
    """The link rows of more than 200 characters, the longest first."""
    found = [
        block
        for block in index.blocks
        if block.kind == "item"
        and links.is_row(index.entry(block).text)
        and len(index.entry(block).text) > LONG_ROW
    ]
    return sorted(found, key=lambda block: (-len(index.entry(block).text), block.start))


def tells(document: Document) -> str:
    """What a topic holds, for its row: the description, else the first sentence, on one line.

    Links become their text, and what would lead anywhere else than to the topic is escaped.
    """
    said = rows.shown(document.description)
    if not said:
        first = next((entry.text for entry in document.entries if entry.kind != "fence"), "")
        flat = rows.shown(first)
        match = _SENTENCE.match(flat)
        said = match[1] if match else flat
    hooks = (texts.shorten(said, SHORT_ROW - 50), rows.hook(title(document)))
    return next((hook for hook in map(rows.tame, hooks) if _is_hook(hook)), "")


def _is_hook(hook: str) -> bool:
    """Whether a row with this hook is one entry, with the one link that is its own."""
    alone = Document(INDEX, f"- [x](x.md) — {hook}\n")
    leads = [inline for inline in alone.inlines.found if inline.kind != "code"]
    said = [entry.text for entry in alone.entries]
    one = len(links.mentions(alone)) == len(leads) == 1
    return bool(hook) and one and said == [f"[x](x.md) — {hook}"] and "<!--" not in hook


def title(document: Document) -> str:
    """A topic's title for its row: front matter, first heading, or the file's name."""
    return rows.shown(document.title) or rows.shown(rows.title_of(document.path))


def deleted_rows(
    snapshot: Snapshot, deleted: Collection[str], lost: Collection[LinkStatus]
) -> list[Block]:
    """The index rows whose only target is missing and known to have been deleted.

    Args:
        snapshot: the memory.
        deleted: the paths of files that history or git shows to have been deleted.
        lost: which links are looked at, `broken` and `dangling` ones.
    """
    index = snapshot.index
    found = links.find(snapshot, INDEX, links.names(snapshot))
    gone: list[Block] = []
    for block in index.blocks:
        inside = [link for link in found if block.start < link.line <= block.end]
        if (
            inside
            and rows.is_plain_row(index, block)
            and all(link.status in lost and _meant(link) & set(deleted) for link in inside)
            and not _leads_on(index, block, inside)
        ):
            gone.append(block)
    return gone


def _leads_on(index: Document, block: Block, inside: Iterable[Link]) -> bool:
    """Whether a row has a link besides these: to a site, a picture, a file of another kind."""
    known = {link.span for link in inside}
    return "://" in "".join(index.lines[block.start : block.end]) or any(
        inline.span not in known
        for inline in index.inlines.found
        if inline.kind not in ("code", "html") and block.start < inline.line <= block.end
    )


def broken_targets(found: Iterable[Link]) -> set[str]:
    """What the index links to and is not there, as paths of the memory."""
    lost = (link for link in found if link.source == INDEX and link.status in LOST.values())
    return {path for link in lost for path in _meant(link)}


def _meant(link: Link) -> set[str]:
    """The files that a missing link may have led to; a wikilink names no suffix."""
    path = posixpath.normpath(link.target)
    named = link.status == "broken" or posixpath.splitext(path)[1] in _SUFFIXES
    return {path} if named else {path + suffix for suffix in _SUFFIXES}


def styled_row(index: Document, name: str, path: str, hook: str) -> str:
    """A row for a topic, in the style that most of the index's rows have.

    That is `[Title](topic.md) — hook`, the same in bold, `[[topic]] — hook`, or the file name in
    backticks; without rows to look at, the first.
    """
    styles = Counter(match.lastgroup for said in _row_texts(index) if (match := _STYLE.match(said)))
    link = rows.row(index, name, path, "")
    plain = _PLAIN.fullmatch(path) is not None
    match styles.most_common(1)[0][0] if styles else "link":
        case "bold":
            link = f"**{link}**"
        case "wiki" if plain:
            link = f"[[{path.removesuffix('.md')}]]"
        case "code" if plain:
            link = f"`{path}`"
    hook = rows.tame(hook)
    return link + rows.separator(index) + hook if hook else link


def _row_texts(index: Document) -> Iterator[str]:
    """What the link rows say, those of a table from their link on."""
    for block in index.blocks:
        column = tables.link_cell(index, block) if block.kind == "row" else None
        if column is not None:
            yield tables.said(index, block)[column]
        elif block.kind == "item" and links.is_row(text := index.entry(block).text):
            yield text


def without_rows(snapshot: Snapshot, blocks: list[Block]) -> Snapshot:
    """The snapshot with these rows of the index taken out."""
    text = place.without(snapshot.index, blocks)
    return snapshot.with_files({**snapshot.files, INDEX: texts.encode(text)})


def shorten_rows(snapshot: Snapshot, rules: Rules) -> tuple[Snapshot, list[Moved]]:
    """The snapshot with long rows cut at a word, and each full text in the row's first topic.

    Rows that are pinned stay as they are, and so do rows that lead to no topic first, and those
    that would leave something out of reach.
    """
    moved: list[Moved] = []
    done: set[str] = set()
    while (block := next(_shortenable(snapshot, rules, done), None)) is not None:
        entry = snapshot.index.entry(block)
        done.add(entry.id)
        target = _first_target(snapshot, block)
        after = _shortened(snapshot, block, target) if target else None
        if target is None or after is None:
            continue
        old, new = snapshot.text(INDEX), after.text(INDEX)
        lines, won = (count(old) - count(new) for count in (texts.count_lines, texts.size))
        moved.append(
            Moved(
                secrets.masked(entry.text)[:40], target, 0, lines, won, entry.line, "row shortened"
            )
        )
        snapshot = after
    return snapshot, moved


def _shortenable(snapshot: Snapshot, rules: Rules, done: set[str]) -> Iterator[Block]:
    index = snapshot.index
    for block in long_rows(index):
        entry = index.entry(block)
        pinned = entry.pinned or any(map(rules.pins, index.titles_above(block.start)))
        if not pinned and entry.id not in rules.keep and entry.id not in done:
            yield block


def _first_target(snapshot: Snapshot, block: Block) -> str | None:
    """The topic that a row leads to first."""
    found = links.find(snapshot, INDEX, links.names(snapshot))
    inside = (link.resolved for link in found if block.start < link.line <= block.end)
    target = next(inside, None)
    return target if target in snapshot.files and target != INDEX else None


def _shortened(snapshot: Snapshot, block: Block, target: str) -> Snapshot | None:
    """The snapshot with one row cut, all of it in its topic; None where a link would be lost."""
    text = snapshot.index.entry(block).text
    known = links.names(snapshot)
    ends = _ends(INDEX, text, known)
    inside = (n for n in snapshot.index.inlines.found if block.start < n.line <= block.end)
    if any(map(_is_elsewhere, inside)):
        return None
    topic = snapshot.document(target)
    full = _relative_to(text, target)
    if _ends(target, full, known) != ends:
        return None
    files = dict(snapshot.files)
    if normalised(full) not in normalised(topic.text):
        files[target] = texts.encode(place.add(topic, full, _FROM_INDEX))
    for short in _cuts(text):
        kept = _ends(INDEX, short, known)
        if kept[:1] == [target] and kept == ends[: len(kept)]:
            files[INDEX] = texts.encode(place.replaced(snapshot.index, block, short))
            after = snapshot.with_files(files)
            return after if _reach(snapshot) <= _reach(after) else None
    return None


def _ends(path: str, text: str, known: Names) -> list[str | None]:
    """Where the links of an entry lead, were it in the file at `path`."""
    return [end for _, end in links.resolutions(Document(path, f"- {text}\n"), known)]


def _reach(snapshot: Snapshot) -> set[str]:
    # All of the index: what is cut off today may be loaded tomorrow.
    return links.reachable(snapshot, Budget(lines=10**9, bytes=10**12))


def _relative_to(text: str, home: str) -> str:
    """An entry of the index with its relative links as the file `home` has to write them."""
    folder = posixpath.dirname(home)
    splices: list[texts.Splice] = []
    for inline in Document(INDEX, text).inlines.found if folder else ():
        name, mark, anchor = inline.target.partition("#")
        is_path = name and not name.startswith("/") and not links.leads_elsewhere(name)
        if inline.kind in ("link", "image") and is_path and not _is_elsewhere(inline):
            path = posixpath.relpath(name, folder) + "/" * name.endswith("/")
            splices.append(texts.Splice(inline.target_span, path + mark + anchor))
    return texts.splice(text, splices)


def _is_elsewhere(inline: Inline) -> bool:
    """Whether a link's destination stands in a definition, further down in the file."""
    without = inline.target_span.start == inline.target_span.end
    return inline.kind in ("reference", "image") and without


def _cuts(text: str) -> Iterator[str]:
    """A row's text cut at a word, about 150 characters long, with no mark left open."""
    flat = " ".join(text.split())
    for limit in (*range(SHORT_ROW, LONG_ROW, 10), *range(SHORT_ROW - 10, 40, -10)):
        short = texts.shorten(flat, limit)
        whole = all(short.count(mark) % 2 == 0 for mark in ("`", "**", "~~", "__"))
        pairs = all(short.count(pair[0]) == short.count(pair[1]) for pair in ("[]", "()", "<>"))
        if whole and pairs and links.is_row(short):
            yield short
