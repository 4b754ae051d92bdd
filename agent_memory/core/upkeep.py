"""Keeping the index up: rows for topics out of reach, rows without a topic, rows that are too long.

Prose is never touched, only link rows; a shortened row's full text goes into its topic.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from agent_memory.core import links, place, rows
from agent_memory.core import text as texts
from agent_memory.core.compact import Moved
from agent_memory.core.document import Block, Document, normalised
from agent_memory.core.links import Link
from agent_memory.core.overflow import Rules
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot

LONG_ROW = 200  # characters; beyond this a row tells what its topic should
SHORT_ROW = 150
_SENTENCE = re.compile(r"(.+?[.!?。])(?:\s|$)", re.DOTALL)
_STYLE = re.compile(r"(?P<bold>\*\*\[[^\[])|(?P<wiki>\[\[)|(?P<code>`)|(?P<link>\[)")
_PLAIN = re.compile(r"\w[\w./-]*\.md")
_LINKED = re.compile(r"\[\[?(?:[^\[\]|\n]*\|)?([^\[\]]*)\](?:\]|\([^()\n]*\))")
_FROM_INDEX = "From the index"


def long_rows(index: Document) -> list[Block]:
    """The link rows of more than 200 characters that lead to one place, the longest first."""
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

    Links become their text; what would lead anywhere else than to the topic says nothing here.
    """
    said = document.description
    if not said:
        first = next((entry.text for entry in document.entries if entry.kind != "fence"), "")
        flat = " ".join(_LINKED.sub(r"\1", first).split())
        match = _SENTENCE.match(flat)
        said = match[1] if match else flat
    short = texts.shorten(_LINKED.sub(r"\1", said), SHORT_ROW - 50)
    alone = Document(INDEX, short)
    if not short or links.mentions(alone) or short.count("`") % 2 or "<!--" in short:
        return rows.hook(title(document))
    return short


def title(document: Document) -> str:
    """A topic's title for its row: front matter, first heading, or the file's name."""
    return document.title or rows.title_of(document.path)


def deleted_rows(snapshot: Snapshot, deleted: Collection[str]) -> list[Block]:
    """The index rows whose only target is broken and known to have been deleted.

    Args:
        snapshot: the memory.
        deleted: the paths of files that history or git shows to have been deleted.
    """
    index = snapshot.index
    found = links.find(snapshot, INDEX, links.names(snapshot))
    gone: list[Block] = []
    for block in index.blocks:
        inside = [link for link in found if block.start < link.line <= block.end]
        if inside and rows.is_plain_row(index, block):
            targets = {_normal(link.target) for link in inside}
            if all(link.status == "broken" for link in inside) and targets <= set(deleted):
                gone.append(block)
    return gone


def broken_targets(found: Iterable[Link]) -> set[str]:
    """What the index links to and is not there, as paths of the memory."""
    return {_normal(n.target) for n in found if n.source == INDEX and n.status == "broken"}


def _normal(target: str) -> str:
    return posixpath.normpath(target)


def styled_row(index: Document, name: str, path: str, hook: str) -> str:
    """A row for a topic, in the style that most of the index's rows have.

    That is `[Title](topic.md) — hook`, the same in bold, `[[topic]] — hook`, or the file name in
    backticks; without rows to look at, the first.
    """
    styles = Counter(
        match.lastgroup
        for block in index.blocks
        if block.kind == "item"
        and links.is_row(index.entry(block).text)
        and (match := _STYLE.match(index.entry(block).text))
    )
    link = rows.row(index, name, path, "")
    plain = _PLAIN.fullmatch(path) is not None
    match styles.most_common(1)[0][0] if styles else "link":
        case "bold":
            link = f"**{link}**"
        case "wiki" if plain:
            link = f"[[{path.removesuffix('.md')}]]"
        case "code" if plain:
            link = f"`{path}`"
    return link + rows.separator(index) + hook if hook else link


def without_rows(snapshot: Snapshot, blocks: list[Block]) -> Snapshot:
    """The snapshot with these rows of the index taken out."""
    text = place.without(snapshot.index, blocks)
    return snapshot.with_files({**snapshot.files, INDEX: texts.encode(text)})


def shorten_rows(snapshot: Snapshot, rules: Rules) -> tuple[Snapshot, list[Moved]]:
    """The snapshot with long rows cut at a word, and each full text in the row's topic.

    Rows that are pinned stay as they are, and so do rows that lead to several files, or to none.
    """
    moved: list[Moved] = []
    done: set[str] = set()
    while True:
        block = next(_shortenable(snapshot, rules, done), None)
        if block is None:
            return snapshot, moved
        index = snapshot.index
        entry = index.entry(block)
        done.add(entry.id)
        target = _only_target(snapshot, block)
        short = _cut(entry.text)
        if target is None or short is None:
            continue
        files = dict(snapshot.files)
        files[INDEX] = texts.encode(place.replaced(index, block, short))
        topic = snapshot.document(target)
        if normalised(entry.text) not in normalised(topic.text):
            files[target] = texts.encode(place.add(topic, entry.text, _FROM_INDEX))
        won = texts.size(snapshot.text(INDEX)) - len(files[INDEX])
        lines = texts.count_lines(snapshot.text(INDEX)) - texts.count_lines(
            texts.decode(files[INDEX])
        )
        moved.append(Moved(entry.text[:40], target, 0, lines, won, entry.line, "row shortened"))
        snapshot = snapshot.with_files(files)


def _shortenable(snapshot: Snapshot, rules: Rules, done: set[str]) -> Iterator[Block]:
    index = snapshot.index
    for block in long_rows(index):
        entry = index.entry(block)
        pinned = entry.pinned or any(map(rules.pins, index.titles_above(block.start)))
        if not pinned and entry.id not in rules.keep and entry.id not in done:
            yield block


def _only_target(snapshot: Snapshot, block: Block) -> str | None:
    found = links.find(snapshot, INDEX, links.names(snapshot))
    inside = {link.resolved for link in found if block.start < link.line <= block.end}
    target = next(iter(inside)) if len(inside) == 1 else None
    return target if target in snapshot.files else None


def _cut(text: str) -> str | None:
    """A row's text at most 150 characters long; None where no cut leaves its link whole."""
    flat = " ".join(text.split())
    for limit in range(SHORT_ROW, LONG_ROW, 10):
        short = texts.shorten(flat, limit)
        whole = all(short.count(mark) % 2 == 0 for mark in ("`", "**", "~~", "__"))
        pairs = all(short.count(pair[0]) == short.count(pair[1]) for pair in ("[]", "()", "<>"))
        if whole and pairs and links.is_row(short):
            return short
    return None
