"""The index's rows and the topics behind them: how they are made to look, and where rows go."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from agent_memory.core import links, place, tables
from agent_memory.core import text as texts
from agent_memory.core.blocks import Block
from agent_memory.core.document import Document, bullet, entry_text
from agent_memory.core.snapshot import Snapshot

TOPICS = "Topics"
_LINKED = re.compile(r"!?\[\[?(?:[^\[\]|\n]*\|)?([^\[\]]*)\](?:\]|\([^()\n]*\))")
_CODE = r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
_ESCAPE = r"\\[!-/:-@\[-`{-~]"
_SPECIAL = re.compile(rf"{_ESCAPE}|{_CODE}|(?P<mark>[\[\]`]|\\$)|(?P<angle><)(?=[A-Za-z/!?])")
_NAMING = re.compile(
    rf"{_ESCAPE}|{_CODE}|https?://[\w./-]+|(?P<dot>(?<=[\w/])\.)(?=(?:md|markdown)\b)",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"(?:\)|\]\]|`)(?:\*\*)?[ \t]*(—|–|--|-|:)[ \t]")


def new_index(label: str) -> str:
    """The text of an index that holds nothing but its title."""
    return f"# {label}\n"


def titled(index: Document, label: str) -> Document:
    """The index, with a title if it holds nothing yet."""
    if index.text.strip():
        return index
    return Document(index.path, place.insert(index.lines, len(index.lines), new_index(label), "\n"))


def new_topic(path: str, title: str, description: str, ending: str = "\n") -> str:
    """The front matter and title of a new topic."""
    stem = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    lines = [
        "---",
        f"name: {_yaml(stem)}",
        f"description: {_yaml(description)}",
        "---",
        "",
        f"# {title}",
    ]
    return ending.join(lines) + ending


def _yaml(value: str) -> str:
    """A YAML scalar: plain where that is safe, else double quoted as JSON is."""
    if re.fullmatch(r"[A-Za-z][\w -]*[\w]", value) and value.lower() not in (
        "null", "true", "false", "yes", "no", "on", "off",
    ):  # fmt: skip
        return value
    return json.dumps(value, ensure_ascii=False)


def title_of(path: str) -> str:
    """A title made from a topic's file name."""
    stem = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    words = re.sub(r"[-_\s]+", " ", stem).strip() or stem
    return words[0].upper() + words[1:]


def hook(title: str) -> str:
    """What the row of a topic that is made for one entry says.

    Never the entry's own words: whoever forgets the entry must not find it in the index still.
    """
    return f"notes on {title[:1].lower() + title[1:]}"


def shown(text: str) -> str:
    """A text on one line: links as their words, and no byte or character that nobody can see."""
    return texts.printable(" ".join(_LINKED.sub(r"\1", text).split()))


def tame(text: str) -> str:
    """A text that says the same, and has nothing that leads anywhere or reaches beyond it.

    Brackets, single backticks and tags are escaped, and so are the dots of file names, which
    would count as links.
    """
    return _NAMING.sub(_unnamed, _escaped(shown(text)))


def _escaped(text: str) -> str:
    """The text without Markdown's brackets, tags and open code; code that is closed stays."""

    def one(match: re.Match[str]) -> str:
        if match["code"] and "<!--" in match["code"]:  # comments are read also within code
            return _escaped(match["code"])
        return "&lt;" if match["angle"] else f"\\{match[0]}" if match["mark"] else match[0]

    return _SPECIAL.sub(one, text)


def _unnamed(match: re.Match[str]) -> str:
    if match["code"] and links.is_name(match["code"].strip()):
        return _NAMING.sub(_unnamed, match["code"].strip())
    return "\\." if match["dot"] else match[0]


def row(document: Document, title: str, path: str, tells: str) -> str:
    """An index row in the document's own style, without bullet and line ending."""
    label = _escaped(shown(title).replace("[", "(").replace("]", ")"))
    tells = tame(tells)
    target = quote(path, safe="/-_.~!$&'*+,;=:@", errors="surrogateescape")
    if not target.isascii() or "%" in target:
        target = f"<{path}>" if not re.search(r"[<>%\n]", path) else target
    return f"[{label}]({target}){separator(document)}{tells}" if tells else f"[{label}]({target})"


def separator(document: Document) -> str:
    """What the index puts between a link and its hook."""
    found = Counter(
        match[1] for line in document.lines if (match := _SEPARATOR.search(line)) and bullet(line)
    )
    mark = found.most_common(1)[0][0] if found else "—"
    return ": " if mark == ":" else f" {mark} "


def add_row(document: Document, text: str, loaded: int) -> str:
    """The index with one more row, as `add_rows` adds them."""
    return add_rows(document, [text], loaded)


def add_rows(document: Document, wanted: Sequence[str], loaded: int) -> str:
    """The index with more rows, within its first `loaded` lines.

    They join the list or table that has most of the link rows that are loaded; where there is
    none, a section for topics is made, at the end if that is loaded, else right below the title.
    """
    if document.text.startswith(texts.BOM):
        return texts.BOM + add_rows(place.unmarked(document), wanted, loaded)
    places = list(_row_places(document, wanted, loaded))
    for said, found in places:
        if place.adds_only(document, said, found):
            return found
    if len(wanted) == 1:
        return places[0][1]
    for row in wanted:  # together they would be read as something else
        added = Document(document.path, add_rows(document, [row], loaded))
        loaded += len(added.lines) - len(document.lines)
        document = added
    return document.text


def _row_places(
    document: Document, wanted: Sequence[str], loaded: int
) -> Iterator[tuple[Sequence[str], str]]:
    """What the rows say, and a text with them added; the best place first."""
    ending = texts.ending(document.text)
    items = [block for block in document.blocks if block.kind == "item"]
    groups = [[row for row in rows if row.end < max(loaded, 1)] for rows in row_groups(document)]
    # The one with most rows comes first, of equals the last.
    for rows in sorted(filter(None, groups[::-1]), key=lambda rows: -len(rows)):
        if rows[-1].kind == "row":
            lines = [tables.one_more(document, rows, text) for text in wanted]
            body = "".join(line + ending for line in lines)
            said = [entry_text([line], "row") for line in lines]
            yield said, place.insert(document.lines, rows[-1].end, body, ending)
        else:
            marks = [bullet(document.lines[row.start]).strip() for row in rows]
            usual = max(reversed(marks), key=marks.count)
            last = next(
                row for row, mark in zip(rows[::-1], marks[::-1], strict=True) if mark == usual
            )
            body = _items(wanted, place.next_bullet(document, last, items), ending)
            yield wanted, place.insert(document.lines, last.end, body, ending)
    body = _items(wanted, "- ", ending)
    if len(document.lines) <= loaded:
        yield wanted, place.with_section(document, TOPICS, body)
    yield from ((wanted, found) for found in _at_top(document, body, wanted))


def row_groups(document: Document) -> list[list[Block]]:
    """The link rows by where they stand: in the lists below one heading, or in one table."""
    groups: dict[tuple[str, int], list[Block]] = {}
    heading = table = 0
    for block in document.blocks:
        if block.kind == "heading":
            heading = block.start
        elif block.kind == "table":
            table = block.start
        elif block.kind == "row" and tables.link_cell(document, block) is not None:
            groups.setdefault(("table", table), []).append(block)
        elif (
            block.kind == "item"
            and links.is_row(document.entry(block).text)
            and not place.NUMBERED.match(document.lines[block.start])
        ):
            groups.setdefault(("list", heading), []).append(block)
    return list(groups.values())


def _items(wanted: Sequence[str], mark: str, ending: str) -> str:
    return "".join(place.item(text, mark, ending) for text in wanted)


def _at_top(document: Document, body: str, wanted: Sequence[str]) -> Iterator[str]:
    """Texts with the rows near the top: what stands there must not become a part of ours."""
    ending = texts.ending(document.text)
    front = document.front_matter.lines if document.front_matter else 0
    title = document.headings[0].end if place.has_title(document) else front
    first = next((block for block in document.blocks if block.start >= title), None)
    if first is not None and first.kind != "heading":
        # A heading of ours would take the entries below it for its own, so there is none.
        gap = "" if first.kind == "item" else ending
        row_lines = body
        if first.kind == "item":
            mark = bullet(document.lines[first.start])
            same = mark.strip() in "-*+" and mark.strip() != mark
            row_lines, gap = (_items(wanted, mark, ending), "") if same else (body, ending)
        yield place.insert(document.lines, first.start, row_lines + gap, ending)
    # What is indented below a list belongs to its last item: there the row is a paragraph.
    for start, row_lines in ((title, body), (front, body), (front, ending.join([*wanted, ""]))):
        piece = f"{ending}## {TOPICS}{ending}{ending}{row_lines}"
        if start < len(document.lines) and document.lines[start].strip():
            piece += ending
        yield place.insert(document.lines, start, piece, ending)


def rows_to(snapshot: Snapshot, topic: str, path: str) -> list[Block]:
    """The rows of a file that lead to one topic and nowhere else, and say nothing besides."""
    document = snapshot.document(path)
    found = links.find(snapshot, path, links.names(snapshot))
    return [
        block
        for block in document.blocks
        if is_plain_row(document, block)
        and {link.resolved for link in found if block.start < link.line <= block.end} == {topic}
    ]


def is_plain_row(document: Document, block: Block) -> bool:
    """Whether an entry is a row and no more: one line that begins with its link.

    A sentence about a topic, and what somebody wrote below a row, are not ours to take out.
    """
    if block.kind == "row":
        return tables.link_cell(document, block) is not None
    if block.kind != "item" or block.end > block.start + 1:
        return False
    text = document.entry(block).text
    return links.is_row(text) and tables.PLAIN_ROW.match(text) is not None
